import type { Uf2Block } from './block.ts';
import { RP2_ABSOLUTE } from './family-ids.ts';
import { UF2_TAG } from './tags.ts';

const FILLER = 0xef;

/**
 * Whether this is the block that the Pico SDK puts before those of an RP2350, because of erratum RP2350-E10: number 0 of
 * 2, without a number 1 (raspberrypi/picotool, elf2uf2/elf2uf2.cpp). Newer ones are tagged, older ones are not.
 */
export function isE10Block({ kind, familyId, number, count, payload, tags }: Uf2Block): boolean {
  if (kind !== 'flash' || familyId !== RP2_ABSOLUTE || number !== 0 || count !== 2 || payload.length !== 256) {
    return false;
  }
  const isTagged = tags.some(({ type, value }) => type === UF2_TAG.ignore && value.length === 0);
  return (isTagged || tags.length === 0) && payload.every((byte) => byte === FILLER);
}
