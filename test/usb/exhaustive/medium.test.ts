import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { type Bench, openBench } from '../bench.ts';
import { expectRepeatable, failFrom, plugVictim, updateWith } from '../mishap.ts';

const NUMBERS = Array.from({ length: 18 }, (_, number) => number);
const table: string[] = [];

let bench: Bench;
let update: string;
beforeAll(async () => {
  bench = await openBench(inject('productFolder'));
  update = updateWith(bench.payload('v2.dfu'));
  await bench.automount('udisks');
});
afterEach(() => bench.clear());
afterAll(async () => {
  await bench.close();
  if (process.env['SPACEPACK_USB_KEEP'] === undefined) return;
  const head =
    '| writes and flushes fail from | status | code | runs then | second run |\n| --- | --- | --- | --- | --- |\n';
  writeFileSync(join(import.meta.dirname, '..', 'results', 'medium.md'), `${head}${table.join('\n')}\n`);
});

describe('a medium that fails from any write or flush on', () => {
  it.each(NUMBERS)('from number %i: no false verdict, nothing lost, and a second run ends well', async (number) => {
    const victim = await plugVictim(bench);
    victim.stick.trap = failFrom(number);
    const { status, code, tookMs } = await bench.spacepack(update);
    const isApplied = victim.stick.firmware.revision === 'A200';
    expect([0, 6, 8, 9], code).toContain(status);
    if (status === 0) expect(isApplied).toBe(true);
    if (status === 6 || status === 8) expect(isApplied).toBe(false);
    expect(tookMs).toBeLessThan(100_000);
    await expectRepeatable(bench, update, victim);
    table.push(`| ${number} | ${status} | ${code} | ${isApplied ? 'new' : 'old'} | applied |`);
  });
});
