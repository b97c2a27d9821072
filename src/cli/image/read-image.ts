import { inspectImage } from '../../image/check.ts';
import type { PayloadSource } from '../../image/payload.ts';
import { openPayload } from '../../image/source.ts';
import { toHex } from '../../protocol/hex.ts';
import type { ImageReport } from '../../protocol/image-facts.ts';
import { formatVersion } from '../../protocol/versions.ts';
import type { CommandContext } from '../commands/command.ts';
import { loadSettings, type Settings } from '../settings/settings.ts';
import type { ImageFile } from '../talk/events.ts';
import { makerKeys } from './maker-keys.ts';

/** An image file that was read once, with the findings of all checks. */
export interface ReadImage {
  readonly payload: PayloadSource;
  readonly report: ImageReport;
  readonly facts: ImageFile;
  readonly settings: Settings;
}

/**
 * Reads and examines an image, and reports it. Rejects with `image-unreadable`, `image-changed`, `key-unusable`,
 * `usage`.
 */
export async function readImageFile(
  file: string,
  keys: readonly string[] | undefined,
  { io, speaker, interrupts }: CommandContext,
): Promise<ReadImage> {
  const settings = await loadSettings(io);
  const publicKeys = await makerKeys(keys ?? [], settings, io.families);
  const payload = await openPayload(file);
  const report = await inspectImage(payload, io.families, { publicKeys, signal: interrupts.cancel });
  const facts = imageFileOf(file, report);
  speaker.tell({ event: 'image', device: null, ...facts });
  return { payload, report, facts, settings };
}

/** What is known about an image file, for events and for people. */
export function imageFileOf(file: string, report: ImageReport): ImageFile {
  const { sizeBytes, crc32, sha256, imageHash, version, securityCounter, vendorId, productId, hardware } = report;
  return {
    file,
    sizeBytes,
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
