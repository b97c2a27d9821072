import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { formatCard } from '../../fake-volume/fat/format.ts';
import { seededRandom } from '../../fake-volume/random.ts';
import { type Bench, openBench } from '../bench.ts';
import { updateWith } from '../mishap.ts';
import type { Stick } from '../stick.ts';

const MIB = 1024 * 1024;
/** A usual card behind USB 2.0. */
const WRITE_BYTES_PER_SECOND = 15_000_000;
const VOLUME = '/media/user/Untitled 1';

/** As bench/measure.mjs shows it. */
interface Figure {
  readonly name: string;
  readonly measured: string;
  readonly bound: string;
  readonly keeps: boolean;
  readonly detail: string;
}
const figures: Figure[] = [];

let bench: Bench;
beforeAll(async () => {
  bench = await openBench(inject('productFolder'));
  await bench.automount('udisks');
});
afterEach(() => bench.clear());
afterAll(async () => {
  await bench.close();
  writeFileSync(join(import.meta.dirname, '..', 'results', 'figures.json'), `${JSON.stringify(figures, null, 2)}\n`);
});

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** Lines with the guest's time in ms before each. */
const STAMP = 'while IFS= read -r line; do echo "$EPOCHREALTIME $line"; done';

function stamped(text: string): readonly { readonly atMs: number; readonly line: string }[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => ({
      atMs: Number(line.slice(0, line.indexOf(' '))) * 1000,
      line: line.slice(line.indexOf(' ') + 1),
    }));
}

/** How long the device was away or waited for quiet, by its own log. */
function awayMs({ events }: Stick): number {
  const at = (words: string) =>
    events.find((event) => event.kind === 'device' && event.message.startsWith(words))?.atMs ?? Number.NaN;
  return at('removes UPDATE.BIN') - at('leaves the bus');
}

describe('an update on a real kernel', () => {
  it.each([16, 256])(
    'of %i MiB, against dd',
    async (sizeMib) => {
      const image = formatCard({ bits: 32, sizeBytes: 700 * MIB, clusterSectors: 8, label: 'Untitled 1' });
      const room = { maxPayloadBytes: 300 * MIB, flashBytes: 300 * MIB };
      const stick = await bench.stick({ image, settings: room, writeBytesPerSecond: WRITE_BYTES_PER_SECOND });
      await bench.plug(stick);
      const path = bench.payload('big.dfu', { code: seededRandom('figures')(sizeMib * MIB - 4096) });
      await bench.guest.ask(`cp ${path} /tmp/big.dfu`);
      const dd = `dd if=/tmp/big.dfu of='${VOLUME}/dd.bin' bs=1M conv=fsync 2>/dev/null`;
      const ddMs: number[] = [];
      for (let round = 0; round < 3; round += 1) {
        const took = await bench.guest.ask(
          `a=$EPOCHREALTIME; ${dd}; b=$EPOCHREALTIME; echo "($b - $a) * 1000" | tr -d ' '; rm '${VOLUME}/dd.bin'; sync`,
        );
        const [, b, a] = /\((\d+\.\d+)-(\d+\.\d+)\)/.exec(took) ?? [];
        ddMs.push((Number(b) - Number(a)) * 1000);
      }
      await bench.guest.ask('sleep 3');
      stick.clearEvents();
      const run = await bench.guest.run(`spacepack ${updateWith('/tmp/big.dfu')} --json | ${STAMP}`, {
        user: 'user',
        limitMs: 600_000,
      });
      const lines = stamped(run.stdout);
      const at = (words: string) => lines.find(({ line }) => line.includes(words))?.atMs ?? Number.NaN;
      expect(lines.at(-1)?.line).toContain('"code":"applied"');
      const write = at('"step":"verify"') - at('"phase":"stage"');
      const before = at('"phase":"depart"') - (lines[0]?.atMs ?? Number.NaN);
      const dds = median(ddMs);
      const ratio = (ms: number) => `${(ms / dds).toFixed(2)} × dd`;
      const detail = `dd ${Math.round(dds)} ms on a medium of 15 MB/s; emulated`;
      figures.push(
        { name: `writing ${sizeMib} MiB`, measured: ratio(write), bound: '1.10', keeps: write / dds <= 1.1, detail },
        {
          name: `all of spacepack's own time, ${sizeMib} MiB`,
          measured: ratio(before),
          bound: '1.10',
          keeps: before / dds <= 1.1,
          detail: `${detail}; starting, checking, reading back and unmounting included; the device was away for ${Math.round(awayMs(stick))} ms`,
        },
      );
    },
    900_000,
  );

  it('from the mount of the returned volume to the verdict', async () => {
    const stick = await bench.stick();
    await bench.plug(stick);
    const mounts = `findmnt --poll=mount --noheadings --output TARGET | ${STAMP} >/tmp/mounts`;
    const toVerdict: number[] = [];
    const toCat: number[] = [];
    for (let round = 0; round < 7; round += 1) {
      const watcher = bench.guest.start(`stdbuf -oL ${mounts}`);
      const run = await bench.guest.run(`spacepack ping --json | ${STAMP}`, { user: 'user' });
      const mounted = stamped(await bench.guest.ask('cat /tmp/mounts')).at(-1)?.atMs ?? Number.NaN;
      toVerdict.push(
        (stamped(run.stdout).find(({ line }) => line.includes('"finished"'))?.atMs ?? Number.NaN) - mounted,
      );
      stick.unplug();
      await bench.guest.ask(`while grep -q "${VOLUME.replace(' ', '.040')}" /proc/mounts; do sleep 0.1; done`);
      const cat = bench.guest.start(
        `until cat '${VOLUME}/SPACEPAK/STATUS.TXT' >/dev/null 2>&1; do sleep 0.01; done; echo "$EPOCHREALTIME read"`,
        { user: 'user' },
      );
      await bench.plug(stick);
      const read = stamped((await cat.ended).stdout)[0]?.atMs ?? Number.NaN;
      toCat.push(read - (stamped(await bench.guest.ask('cat /tmp/mounts')).at(-1)?.atMs ?? Number.NaN));
      watcher.signal('SIGKILL');
      await watcher.ended;
    }
    const [verdict, cat] = [median(toVerdict), median(toCat)];
    figures.push({
      name: 'from the mount to the verdict',
      measured: `${Math.round(verdict)} ms`,
      bound: '150 ms',
      keeps: verdict <= 150,
      detail: `median of 7, emulated; a bare loop of cat STATUS.TXT needs ${Math.round(cat)} ms`,
    });
    expect(verdict).toBeGreaterThan(0);
  }, 600_000);

  it('costs hardly any time of a processor while it waits', async () => {
    const stick = await bench.stick({ settings: { durations: { attach: 100, away: 20_000 } } });
    await bench.plug(stick);
    const run = bench.startSpacepack('ping', { user: 'user' });
    const ticks = async () =>
      Number(
        await bench.guest.ask(
          "pid=$(pgrep -f bin/spacepack | head -1); awk '{print $14 + $15 + $16 + $17}' /proc/$pid/stat",
        ),
      );
    await bench.guest.ask('for try in $(seq 300); do ls /dev/sd* >/dev/null 2>&1 || exit 0; sleep 0.1; done; exit 1');
    await bench.guest.ask('sleep 2');
    const began = await ticks();
    await bench.guest.ask('sleep 14');
    const share = (await ticks()) - began;
    figures.push({
      name: 'of one core while waiting',
      measured: `${(share / 14).toFixed(1)} %`,
      bound: '2 %',
      keeps: share / 14 <= 2,
      detail: 'emulated, programs that it starts included',
    });
    expect((await run.ended).status).toBe(0);
  });
});
