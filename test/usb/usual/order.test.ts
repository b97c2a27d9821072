import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { type Bench, KEY, openBench } from '../bench.ts';
import { type KeptEvent, keepable, keepLog, logLines, type Said } from '../kept-log.ts';
import { RECORDED, recordedCard } from '../recorded.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench(inject('productFolder'));
  await bench.automount('udisks');
});
afterAll(() => bench.close());

describe('the sector writes of one update', () => {
  test('make the payload durable before the trigger begins, and the trigger durable before the volume is let go', async () => {
    const stick = await bench.stick({ image: recordedCard(), settings: RECORDED.settings, runs: RECORDED.runs });
    const image = bench.payload('v2.dfu', RECORDED.image);
    await bench.plug(stick);
    const card = Buffer.from(stick.image);
    stick.clearEvents();

    const said: Said[] = [];
    const run = bench.startSpacepack(`update ${image} --key ${KEY} --yes`, {
      user: 'user',
      onOutput(text, stream) {
        if (stream !== 'stdout') return;
        for (const line of text.split('\n')) {
          const words = /"event":"(?:phase","device":"[^"]*","phase":"([a-z]+)|finished".*"code":"([a-z-]+)")/.exec(
            line,
          );
          if (words !== null) said.push({ atMs: stick.nowMs(), words: words[1] ?? words[2] ?? '' });
        }
      },
    });
    const { status, stderr } = await run.ended;
    expect(status, stderr).toBe(0);
    const leaves = stick.events.findIndex((event) => event.kind === 'device' && event.message === 'leaves the bus');
    const events = keepable(card, stick.events, said);
    const log = logLines(events).join('\n');

    const arrived = keepable(card, stick.events.slice(0, leaves), said).filter(({ kind }) => kind !== 'host');
    const about = (name: string) => (event: KeptEvent) => event.kind === 'write' && event.words.includes(name);
    const lastOfPayload = arrived.findLastIndex(about('UPDATE.BIN'));
    const firstOfTrigger = arrived.findIndex(about('UPDATE.TRG'));
    expect(lastOfPayload, log).toBeGreaterThan(-1);
    expect(
      arrived.slice(lastOfPayload, firstOfTrigger).some(({ kind }) => kind === 'flush'),
      log,
    ).toBe(true);
    const unmount = arrived.findLastIndex(about('dirty mark set -> clear'));
    expect(
      arrived.slice(firstOfTrigger, unmount).some(({ kind }) => kind === 'flush'),
      log,
    ).toBe(true);
    expect(
      arrived.slice(unmount + 1).filter(({ kind }) => kind === 'write'),
      log,
    ).toEqual([]);

    if (process.env['SPACEPACK_USB_KEEP'] === undefined) return;
    const head = [
      'Every sector write of one update, in the order in which the device got them: Debian 12, Linux 6.1, vfat as udisks2 mounts it.',
      'Times in ms since the command line began. "x" is the number of sectors. Made by test/usb/usual/order.test.ts with SPACEPACK_USB_KEEP=1.',
    ];
    keepLog(join(import.meta.dirname, '..', 'results'), head, events);
  });
});
