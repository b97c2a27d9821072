import type { Target } from '../target.ts';
import { FIRMWARE } from './firmware.ts';
import { IMAGES } from './images.ts';
import { OWN_FILES } from './own-files.ts';
import { SYSTEMS } from './systems.ts';
import { TEXT_FILES } from './text-files.ts';

/** All parsers of bytes from outside. */
export const TARGETS: readonly Target[] = [...TEXT_FILES, ...IMAGES, ...FIRMWARE, ...OWN_FILES, ...SYSTEMS];
