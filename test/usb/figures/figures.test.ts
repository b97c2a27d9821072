import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import { formatCard } from '../../fake-volume/cards/fat/format.ts';
import { seededRandom } from '../../fake-volume/random.ts';
import { type Bench, openBench } from '../bench.ts';
import { updateWith } from '../mishap.ts';
import type { Pace } from '../stick.ts';

const MIB = 1024 * 1024;
/** What a usual card does behind USB 2.0 on a usual computer, in bytes a second. */
const USUAL_CARD: Pace = { writes: 15_000_000, reads: 35_000_000 };
/** The slowest that is still sold: class 4 of the SD Association; 25 MB/s is its high-speed bus. */
const SLOW_CARD: Pace = { writes: 4_000_000, reads: 25_000_000 };
/** Most time for one command in the guest, in ms: 256 MiB take minutes on a medium as slow as the processor. */
const LONGEST_MS = 1_800_000;
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

/** Notes in the guest when what was mounted. */
const MOUNTS = `stdbuf -oL findmnt --poll=mount --noheadings --output TARGET | ${STAMP} >/tmp/mounts`;

function stamped(text: string): readonly { readonly atMs: number; readonly line: string }[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => ({
      atMs: Number(line.slice(0, line.indexOf(' '))) * 1000,
      line: line.slice(line.indexOf(' ') + 1),
    }));
}

/** How many times slower than this computer the emulated one is, by the time that spacepack takes to check a payload. */
async function slowness(payload: string): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'spacepack-here-'));
  execFileSync('tar', ['-xf', join(inject('productFolder'), 'plain.tar'), '-C', folder]);
  const here = Array.from({ length: 5 }, () => {
    const began = performance.now();
    execFileSync(join(folder, 'node_modules/.bin/spacepack'), ['verify', join(bench.guest.emulator.shared, payload)]);
    return performance.now() - began;
  });
  rmSync(folder, { recursive: true });
  const there: number[] = [];
  for (let round = 0; round < 5; round += 1) there.push(await timed(`spacepack verify /host/${payload}`));
  return median(there) / median(here);
}

/** How long a command takes in the guest, in ms of the guest. */
async function timed(command: string): Promise<number> {
  const took = await bench.guest.ask(`a=$EPOCHREALTIME; ${command} >/dev/null 2>&1; echo "$a $EPOCHREALTIME"`, {
    limitMs: LONGEST_MS,
  });
  const [began, ended] = took.split(' ').map(Number);
  return ((ended ?? Number.NaN) - (began ?? Number.NaN)) * 1000;
}

/** By hand: write and flush; and the same with every byte read back past the cache and hashed. */
async function byHand(rounds: number): Promise<{ readonly writeMs: number; readonly wholeMs: number }> {
  const [writes, wholes]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round += 1) {
    const writeMs = await timed(`dd if=/tmp/big.dfu of='${VOLUME}/dd.bin' bs=1M conv=fsync`);
    const readMs = await timed(`dd if='${VOLUME}/dd.bin' bs=1M iflag=direct | sha256sum`);
    await bench.guest.ask(`rm '${VOLUME}/dd.bin'; sync`);
    writes.push(writeMs);
    wholes.push(writeMs + readMs);
  }
  return { writeMs: median(writes), wholeMs: median(wholes) };
}

describe('an update on a real kernel', () => {
  test.each([
    [16, 'usual', USUAL_CARD, 3],
    [16, 'slow', SLOW_CARD, 1],
    [256, 'usual', USUAL_CARD, 1],
  ] as const)(
    'of %i MiB on a %s card, against dd',
    async (sizeMib, name, card, rounds) => {
      const path = bench.payload('big.dfu', { code: seededRandom('figures')(sizeMib * MIB - 4096) });
      bench.payload('v2.dfu');
      // The medium is made slower by as much as the processor is, so that they are to each other as on a usual computer.
      const times = await slowness('v2.dfu');
      const pace = { writes: card.writes / times, reads: card.reads / times };
      const image = formatCard({ bits: 32, sizeBytes: 700 * MIB, clusterSectors: 8, label: 'Untitled 1' });
      const room = { maxPayloadBytes: 300 * MIB, flashBytes: 300 * MIB };
      const stick = await bench.stick({ image, settings: room, pace });
      await bench.plug(stick);
      await bench.guest.ask(`cp ${path} /tmp/big.dfu`);
      const hand = await byHand(rounds);
      await bench.guest.ask('sleep 3');
      const watcher = bench.guest.start(MOUNTS, { limitMs: LONGEST_MS });
      const run = await bench.guest.run(
        `{ echo began; spacepack ${updateWith('/tmp/big.dfu')} --json; echo ended; } | ${STAMP}`,
        { user: 'user', limitMs: LONGEST_MS },
      );
      const lines = stamped(run.stdout);
      const at = (words: string) => lines.find(({ line }) => line.includes(words))?.atMs ?? Number.NaN;
      expect(lines.at(-2)?.line).toContain('"code":"applied"');
      const mounted = stamped(await bench.guest.ask('cat /tmp/mounts')).at(-1)?.atMs ?? Number.NaN;
      watcher.signal('SIGKILL');
      await watcher.ended;
      // The quiet window, the device's absence, and what the system takes to mount it.
      const away = mounted - at('"phase":"depart"');
      const own = at('ended') - at('began') - away;
      const writing = at('"step":"verify"') - at('"phase":"stage"');
      const against = (ms: number, base: number) => ({ measured: (ms / base).toFixed(2), keeps: ms / base <= 1.1 });
      const what = `${sizeMib} MiB on a ${name} card (${card.writes / 1e6} MB/s)`;
      const detail = `emulated, ${times.toFixed(1)} times slower; dd took ${Math.round(hand.writeMs)} ms`;
      figures.push(
        { name: `writing ${what} ÷ dd`, ...against(writing, hand.writeMs), bound: '1.10', detail },
        {
          name: `all of spacepack's own time, ${what} ÷ dd and reading back`,
          ...against(own, hand.wholeMs),
          bound: '1.10',
          detail: `${Math.round(hand.wholeMs - hand.writeMs)} ms more to read back; ${Math.round(own - hand.wholeMs)} ms are all else that spacepack does; ${(own / hand.writeMs).toFixed(2)} ÷ dd alone`,
        },
      );
    },
    2 * LONGEST_MS,
  );

  test('from the mount of the returned volume to the verdict', async () => {
    const stick = await bench.stick();
    await bench.plug(stick);
    const toVerdict: number[] = [];
    const toCat: number[] = [];
    for (let round = 0; round < 7; round += 1) {
      const watcher = bench.guest.start(MOUNTS);
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

  test('costs hardly any time of a processor while it waits', async () => {
    const stick = await bench.stick({ settings: { durations: { attach: 100, away: 20_000 } } });
    await bench.plug(stick);
    const run = bench.startSpacepack('ping', { user: 'user' });
    const ticks = async () =>
      Number(
        await bench.guest.ask(
          "for pid in $(pgrep -f 'bin/spacepack|cli/program.js'); do cat /proc/$pid/stat; done | awk '{sum += $14 + $15 + $16 + $17} END {print sum}'",
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
