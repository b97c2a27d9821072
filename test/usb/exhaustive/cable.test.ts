import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { type Bench, openBench } from '../bench.ts';
import { expectRepeatable, plugVictim, pullAt, updateWith } from '../mishap.ts';

/** More than an update has writes and flushes; what lies behind the last one is not pulled. */
const NUMBERS = Array.from({ length: 20 }, (_, number) => number);
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
  const head = '| cable pulled at | status | code | runs then | second run |\n| --- | --- | --- | --- | --- |\n';
  writeFileSync(join(import.meta.dirname, '..', 'results', 'cable.md'), `${head}${table.join('\n')}\n`);
});

describe('the cable, pulled at every write and flush of an update and plugged in again', () => {
  it.each(NUMBERS)('at number %i: no false verdict, nothing lost, and a second run ends well', async (number) => {
    const victim = await plugVictim(bench);
    victim.stick.trap = pullAt(number, number % 2 === 1);
    const { status, code, tookMs } = await bench.spacepack(update);
    const { revision } = victim.stick.firmware;
    const isApplied = revision === 'A200';
    // 0 says applied, 6 nothing committed, 8 failed, 9 not known.
    expect([0, 6, 8, 9], code).toContain(status);
    if (status === 0) expect(isApplied).toBe(true);
    if (status === 6 || status === 8) expect(isApplied).toBe(false);
    expect(tookMs).toBeLessThan(100_000);
    await expectRepeatable(bench, update, victim);
    table.push(`| ${number} | ${status} | ${code} | ${isApplied ? 'new' : 'old'} | applied |`);
  });
});
