import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { expectRepeatable, plugVictim, useDesk } from '../mishap.ts';
import type { Trap } from '../stick.ts';

export interface Mishap {
  /** Of the file in results/ that keeps how each run ended. */
  readonly table: string;
  /** How the table heads the number of the write or flush. */
  readonly column: string;
  /** More than an update has writes and flushes; at those behind the last one nothing happens. */
  readonly count: number;
  readonly at: (number: number) => Trap;
}

/** Of how many numbers one is played, and from which on; `SPACEPACK_USB_SAMPLE=1/4` plays the 1st, 5th, 9th … */
function isPlayed(number: number): boolean {
  const sample = process.env['SPACEPACK_USB_SAMPLE'];
  if (sample === undefined) return true;
  const [, place, step] = /^([1-9]\d*)\/([1-9]\d*)$/.exec(sample) ?? [];
  if (place === undefined || step === undefined)
    throw new Error(`expected SPACEPACK_USB_SAMPLE as in 1/4, found ${sample}`);
  return (number - Number(place) + 1) % Number(step) === 0;
}

/** A run for each write and flush of an update, with a mishap at it, and a second run after it. */
export function atEachWrite(title: string, { table, column, count, at }: Mishap): void {
  const desk = useDesk();
  const rows: string[] = [];
  afterAll(() => {
    if (process.env['SPACEPACK_USB_KEEP'] === undefined) return;
    const head = `| ${column} | status | code | runs then | second run |\n| --- | --- | --- | --- | --- |\n`;
    writeFileSync(join(import.meta.dirname, '..', 'results', table), `${head}${rows.join('\n')}\n`);
  });
  describe(title, () => {
    const numbers = Array.from({ length: count }, (_, number) => number).filter(isPlayed);
    test.each(numbers)('at number %i: no false verdict, nothing lost, and a second run ends well', async (number) => {
      const victim = await plugVictim(desk);
      victim.stick.trap = at(number);
      const { status, code } = await desk.bench.spacepack(desk.update);
      const isApplied = victim.stick.firmware.revision === 'A200';
      // 0 says applied, 6 nothing committed, 8 failed, 9 not known.
      expect([0, 6, 8, 9], code).toContain(status);
      if (status === 0) expect(isApplied).toBe(true);
      if (status === 6 || status === 8) expect(isApplied).toBe(false);
      const second = await expectRepeatable(desk, victim);
      rows.push(`| ${number} | ${status} | ${code} | ${isApplied ? 'new' : 'old'} | ${second} |`);
    });
  });
}
