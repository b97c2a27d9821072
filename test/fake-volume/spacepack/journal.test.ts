import { describe, expect, test } from 'vitest';
import { createBenchDevice } from '../bench-device.ts';
import { RESERVED } from '../cards/card.ts';
import { buildPayload } from './image/build.ts';
import { type JournalEntry, type JournalSlots, openJournal } from './journal.ts';
import { buildInstallTrigger, buildPingTrigger } from './trigger-build.ts';
import type { Step } from './work.ts';

const FIRST: JournalEntry = { install: null, pingNonce: '01'.repeat(16) };
const SECOND: JournalEntry = { install: null, pingNonce: '02'.repeat(16) };
const THIRD: JournalEntry = { install: null, pingNonce: '03'.repeat(16) };

describe('the journal (protocol §9.3)', () => {
  test('is empty in a new device', () => {
    expect(openJournal([null, null]).entry()).toEqual({ install: null, pingNonce: null });
  });

  test('holds the newest entry, also after it was opened anew', () => {
    const slots: JournalSlots = [null, null];
    for (const entry of [FIRST, SECOND, THIRD]) {
      openJournal(slots).write(entry);
      expect(openJournal(slots).entry()).toEqual(entry);
    }
  });

  test.each([0, 1, 7, 8, 30])(
    'falls back to the entry before if power was lost after %i bytes of the newest',
    (bytes) => {
      const slots: JournalSlots = [null, null];
      const journal = openJournal(slots);
      journal.write(FIRST);
      journal.write(SECOND);
      const before = [...slots];
      journal.write(THIRD);
      const index = slots[0] === before[0] ? 1 : 0;
      slots[index] = slots[index]?.subarray(0, bytes) ?? null;
      expect(openJournal(slots).entry()).toEqual(SECOND);
    },
  );
});

const PAYLOAD = buildPayload();

/** The answer, what runs, and the boot count after which it was given, when all power is lost in a step of an install. */
const LOSSES: readonly (readonly [step: Step, answer: string, runs: string])[] = [
  ['look', 'rejected stale', '1.0.0+0'],
  ['leave', 'rejected stale', '1.0.0+0'],
  ['accept', 'rejected stale', '1.0.0+0'],
  ['announce', 'rejected stale', '1.0.0+0'],
  ['erase', 'interrupted interrupted', 'none'],
  ['program', 'interrupted interrupted', 'none'],
  ['finish', 'interrupted interrupted', 'none'],
  ['check', 'applied none', '2.0.0+0'],
  ['start', 'applied none', '2.0.0+0'],
  ['away', 'applied none', '2.0.0+0'],
  ['attach', 'applied none', '2.0.0+0'],
  ['configure', 'applied none', '2.0.0+0'],
  ['confirm', 'applied none', '2.0.0+0'],
  ['ready', 'applied none', '2.0.0+0'],
];

/** The first time that an install comes through the step: before it, a device starts, attaches and gets ready once. */
const visitOf = (step: Step) => (step === 'start' || step === 'attach' || step === 'ready' ? 2 : 1);

describe('all power is lost during an install', () => {
  test.each(LOSSES)('in the step %s: it is answered %s, and %s runs', (step, answer, runs) => {
    const bench = createBenchDevice({ troubles: [{ at: step, visits: [visitOf(step)], outcome: 'lose-power' }] });
    const commit = (nonce: string) => {
      bench.hostMounts();
      bench.hostWrites(RESERVED.payload, PAYLOAD);
      bench.hostWrites(RESERVED.trigger, buildInstallTrigger(bench.present(nonce), PAYLOAD));
      bench.hostUnmounts();
      bench.pass(60_000);
    };
    const before = bench.present();
    commit('c1'.repeat(16));
    expect(bench.firmware.onBus).toBe(false);
    bench.restorePower();
    bench.pass(60_000);

    expect(`${bench.status().get('state')} ${bench.status().get('code')}`).toBe(answer);
    expect(bench.status().get('nonce')).toBe('c1'.repeat(16));
    expect(bench.status().get('boot-count')).toBe(bench.info().get('boot-count'));
    expect(Number(bench.info().get('boot-count'))).toBeGreaterThan(before.bootCount);
    expect(bench.info().get('version')).toBe(runs);
    expect(bench.card.paths().filter((path) => path.includes('UPDATE'))).toEqual([]);

    commit('c2'.repeat(16));
    expect(bench.status().get('nonce')).toBe('c2'.repeat(16));
    expect(bench.status().get('state')).toBe('applied');
    expect(bench.info().get('version')).toBe('2.0.0+0');
  });

  test('and again in each trial start: the bootloader stays, and the next install is applied', () => {
    const bench = createBenchDevice({ troubles: [{ at: 'configure', visits: [1, 2, 3], outcome: 'lose-power' }] });
    bench.hostWrites(RESERVED.payload, PAYLOAD);
    bench.hostWrites(RESERVED.trigger, buildInstallTrigger(bench.present(), PAYLOAD));
    bench.pass(90_000);
    for (let start = 1; start <= 3; start += 1) {
      bench.restorePower();
      bench.pass(10_000);
    }
    expect(bench.status().get('code')).toBe('did-not-start');
    expect(bench.info().get('mode')).toBe('bootloader');
  });
});

describe('all power is lost during a ping', () => {
  test.each<[Step, string]>([
    ['leave', 'none'],
    ['away', 'c1'.repeat(16)],
    ['attach', 'c1'.repeat(16)],
  ])('in the step %s: its echo is %s, and it is not acted on again', (step, echo) => {
    const bench = createBenchDevice({ troubles: [{ at: step, visits: [visitOf(step)], outcome: 'lose-power' }] });
    bench.hostMounts();
    bench.hostWrites(RESERVED.trigger, buildPingTrigger(bench.present('c1'.repeat(16))));
    bench.hostUnmounts();
    bench.pass(60_000);
    bench.restorePower();
    bench.pass(60_000);
    expect(bench.status().get('ping-nonce')).toBe(echo);
    expect(bench.info().get('boot-count')).toBe('2');
    expect(bench.card.paths().filter((path) => path.includes('UPDATE'))).toEqual([]);
  });
});
