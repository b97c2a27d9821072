import type { ImageFormat } from './family.ts';
import { hexFormat } from './firmware/intel-hex/format.ts';
import { rawFormat } from './firmware/raw-format.ts';
import { uf2Format } from './uf2/format.ts';

/** The formats that are no single family's: any file of them can be examined, whatever devices are known. */
export const SHARED_FORMATS: readonly ImageFormat[] = [uf2Format, hexFormat, rawFormat];
