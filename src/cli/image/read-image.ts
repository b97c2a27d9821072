import { inspectImage } from '../../image/check.ts';
import type { PayloadSource } from '../../image/payload.ts';
import type { Family } from '../../protocol/family.ts';
import { toHex } from '../../protocol/hex.ts';
import type { ImageReport } from '../../protocol/image-facts.ts';
import { formatVersion } from '../../protocol/versions.ts';
import type { CommandContext } from '../commands/command.ts';
import { loadSettings, type Settings } from '../settings/settings.ts';
import type { ImageFile } from '../talk/events.ts';
import { makerKeys } from './maker-keys.ts';
import { openImageArgument } from './open-argument.ts';

/** An image file that was read once, with the findings of all checks. */
export interface ReadImage {
  readonly payload: PayloadSource;
  readonly report: ImageReport;
  readonly facts: ImageFile;
  readonly settings: Settings;
}

/**
 * Reads and examines the image that a path or an address names, as one of these families, and reports it. Rejects as `openImageArgument` does, and
 * with `key-unusable`.
 */
export async function readImageFile(
  file: string,
  keys: readonly string[] | undefined,
  context: CommandContext,
  families: readonly Pick<Family, 'images'>[] = context.io.families,
): Promise<ReadImage> {
  const { io, speaker, interrupts } = context;
  const settings = await loadSettings(io);
  const publicKeys = await makerKeys(keys ?? [], settings, io.families);
  const { payload, shown } = await openImageArgument(file, context);
  const report = await inspectImage(payload, families, { publicKeys, signal: interrupts.cancel });
  const facts = imageFileOf(shown, report);
  speaker.tell({ event: 'image', device: null, ...facts });
  return { payload, report, facts, settings };
}

/** What is known about an image file, for events and for people. */
export function imageFileOf(file: string, report: ImageReport): ImageFile {
  const { sizeBytes, crc32, sha256, imageHash, version, securityCounter, vendorId, productId, hardware } = report;
  return {
    file,
    sizeBytes,
    format: report.format,
    crc32: toHex(crc32, 8),
    sha256,
    imageHash,
    version: version === null ? null : formatVersion(version),
    securityCounter,
    vendorId: vendorId === null ? null : toHex(vendorId, 4),
    productId: productId === null ? null : toHex(productId, 4),
    hardware: hardware === null ? null : toHex(hardware, 4),
    signature: report.signature,
    keyHash: report.keyHash,
  };
}
