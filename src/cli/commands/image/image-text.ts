import type { Family } from '../../../protocol/family.ts';
import { ANY_ID, type Check, isForIds, type UsbIds } from '../../../protocol/image-facts.ts';
import { SHARED_FORMATS } from '../../../protocol/image-formats.ts';
import { type ReadImage, readImageFile } from '../../image/read-image.ts';
import type { ImageFile } from '../../talk/events.ts';
import type { Line, Piece } from '../../text/line.ts';
import { alignPairs } from '../../text/table.ts';
import { type Marks, marksFor } from '../../text/unicode.ts';
import { formatBytes } from '../../text/units.ts';
import type { CommandContext } from '../command.ts';
import { tellLayout } from './layout-text.ts';

const idOf = (text: string): number => Number.parseInt(text, 16);

function namesOf(ids: UsbIds, format: string, families: readonly Family[]): string {
  if (ids.vendorId === ANY_ID && ids.productId === ANY_ID) return 'any device';
  const takes = ({ images, usb }: Family): boolean =>
    images.some(({ name }) => name === format) && usb.some((own) => isForIds(ids, own));
  const names = families.filter(takes).map(({ name }) => name);
  return names.join(', ') || 'no device that spacepack knows';
}

function describeProduct(
  { vendorId, productId, hardware, format }: ImageFile,
  families: readonly Family[],
): string | null {
  if (vendorId === null || productId === null) return null;
  const ids = [vendorId, productId].map((id) => (idOf(id) === ANY_ID ? 'any' : id)).join(':');
  const names = namesOf({ vendorId: idOf(vendorId), productId: idOf(productId) }, format, families);
  return `${names} (${ids}), ${hardware === 'FFFF' ? 'any hardware' : `hardware ${hardware}`}`;
}

/** What is in an image, one fact per line. */
export function imageText(facts: ImageFile, families: readonly Family[]): readonly Line[] {
  const { file, sizeBytes, format, version, securityCounter, imageHash, sha256, keyHash } = facts;
  return alignPairs([
    ['file', { text: file, tone: 'strong' }],
    ['size', `${formatBytes(sizeBytes)} (${sizeBytes} bytes)`],
    ['format', format],
    ['version', version],
    ['for', facts.signature === 'none' ? null : describeProduct(facts, families)],
    ['security counter', securityCounter === null || facts.signature === 'none' ? null : String(securityCounter)],
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
  const image = await readImageFile(file, keys, context, [...io.families, { images: SHARED_FORMATS }]);
  const { checks } = image.report;
  for (const { check, expected, found, ok } of checks) {
    speaker.tell({ event: 'check', device: null, check, expected, found, ok });
  }
  const map = tellLayout(image.report, speaker);
  speaker.page([...imageText(image.facts, io.families), ...map, [], ...checkText(checks, marksFor(io))]);
  return image;
}
