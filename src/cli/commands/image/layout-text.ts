import { toHex } from '../../../protocol/hex.ts';
import type { FileLayout, ImagePart } from '../../../protocol/image-facts.ts';
import { printable } from '../../../protocol/printable.ts';
import type { EventOf } from '../../talk/events.ts';
import type { Line } from '../../text/line.ts';
import { formatBytes } from '../../text/units.ts';

/** A file can have thousands of ranges: people see the first ones, programs see all. */
const SHOWN_RANGES = 16;

/** Where a part of an image goes, as an event tells it. */
export function mapFacts({ target, ranges, says }: ImagePart): Pick<EventOf<'map'>, 'target' | 'ranges' | 'says'> {
  return {
    target: target === null ? null : printable(target),
    ranges: ranges.map(({ start, end }) => ({
      start: toHex(start, 8),
      end: toHex(end - 1, 8),
      sizeBytes: end - start,
    })),
    says: Object.fromEntries(says.map(([name, text]) => [name, printable(text)])),
  };
}

function partText(part: ImagePart): readonly Line[] {
  const { target, ranges, says } = mapFacts(part);
  const shown = part.ranges.slice(0, SHOWN_RANGES).flatMap(({ start, end }, index): readonly Line[] => {
    const before = part.ranges[index - 1]?.end;
    const hole =
      before === undefined
        ? []
        : [[{ text: `    ${formatBytes(start - before)} left as they are`, tone: 'faint' as const }]];
    return [...hole, [`  ${toHex(start, 8)} to ${toHex(end - 1, 8)}  ${formatBytes(end - start)}`]];
  });
  const more = ranges.length - SHOWN_RANGES;
  return [
    [],
    [{ text: target ?? 'no family named', tone: 'strong' }],
    ...Object.entries(says).map(([name, text]): Line => [`  ${name}: ${text}`]),
    ...shown,
    ...(more > 0 ? [[`  and ${more} more ranges`] as Line] : []),
  ];
}

/** The map of addresses, and what is remarkable in the file. */
export function layoutText({ parts, notes }: FileLayout): readonly Line[] {
  return [
    ...parts.flatMap(partText),
    ...(notes.length > 0 ? [[]] : []),
    ...notes.map((note): Line => [`Note: ${note}`]),
  ];
}
