import type { Family } from '../../../protocol/family.ts';
import { toHex } from '../../../protocol/hex.ts';
import type { Check } from '../../../protocol/image-facts.ts';
import { type ReadImage, readImageFile } from '../../image/read-image.ts';
import type { ImageFile } from '../../talk/events.ts';
import type { Line, Piece } from '../../text/line.ts';
import { alignPairs } from '../../text/table.ts';
import { type Marks, marksFor } from '../../text/unicode.ts';
import { formatBytes } from '../../text/units.ts';
import type { CommandContext } from '../command.ts';

const sameIds = ({ usb }: Family, { vendorId, productId }: ImageFile): boolean =>
  usb.some((ids) => toHex(ids.vendorId, 4) === vendorId && toHex(ids.productId, 4) === productId);

function describeProduct(facts: ImageFile, families: readonly Family[]): string | null {
  const { vendorId, productId, hardware } = facts;
  if (vendorId === null || productId === null) return null;
  const name = families.find((family) => sameIds(family, facts))?.name ?? 'no device that spacepack knows';
  return `${name} (${vendorId}:${productId}), ${hardware === 'FFFF' ? 'any hardware' : `hardware ${hardware}`}`;
}

/** What is in an image, one fact per line. */
export function imageText(facts: ImageFile, families: readonly Family[]): readonly Line[] {
  const { file, sizeBytes, version, securityCounter, imageHash, sha256, keyHash } = facts;
  return alignPairs([
    ['file', { text: file, tone: 'strong' }],
    ['size', `${formatBytes(sizeBytes)} (${sizeBytes} bytes)`],
    ['version', version],
    ['for', describeProduct(facts, families)],
    ['security counter', securityCounter === null ? null : String(securityCounter)],
    ['image hash', imageHash],
    ['sha-256', sha256],
    ['signed by', keyHash],
  ]);
}

function mark(ok: boolean | null, marks: Marks): Piece {
  if (ok === null) return { text: marks.open, tone: 'faint' };
  return ok ? { text: marks.good, tone: 'good' } : { text: marks.bad, tone: 'bad' };
}

/** The list of checks: what was expected and what was found. */
function checkText(checks: readonly Check[], marks: Marks): readonly Line[] {
  return checks.map(({ check, expected, found, ok }) => {
    const what = ok === true && found !== expected ? found : `expected ${expected}, found ${found}`;
    return [
      mark(ok, marks),
      ` ${check.padEnd(10)}  `,
      ok === true ? what : { text: what, tone: ok === null ? 'faint' : 'plain' },
    ];
  });
}

/** Reads an image and shows what is in it and what its checks found. Rejects as `readImageFile` does. */
export async function showImage(
  file: string,
  keys: readonly string[] | undefined,
  context: CommandContext,
): Promise<ReadImage> {
  const { io, speaker } = context;
  const image = await readImageFile(file, keys, context);
  const { checks } = image.report;
  for (const { check, expected, found, ok } of checks) {
    speaker.tell({ event: 'check', device: null, check, expected, found, ok });
  }
  speaker.page([...imageText(image.facts, io.families), [], ...checkText(checks, marksFor(io))]);
  return image;
}
