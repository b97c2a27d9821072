import { describe, expect, test } from 'vitest';
import { type Evidence, judge, type Look } from '../judge.ts';
import type { Said } from '../program.ts';
import { RUNS, type RunName } from '../runs.ts';
import type { Strike } from '../strike.ts';

const OLD: Look = { hash: 'old', bootCount: 1, ready: true, trigger: false };
const NEW: Look = { hash: 'new', bootCount: 2, ready: true, trigger: false };
const said = (parts: Partial<Said>): Said => ({
  verdict: 'applied',
  code: 'applied',
  oldFirmware: 'replaced',
  message: '',
  ...parts,
});

interface Parts {
  readonly run?: RunName;
  readonly result?: Said | null;
  readonly exit?: number;
  readonly status?: number | null;
  readonly overdue?: boolean;
  readonly lingeredMs?: number;
  readonly harm?: Strike['harm'];
  readonly path?: string;
  readonly before?: Look;
  readonly atResult?: Look;
  readonly settled?: Look;
}

function evidence(parts: Parts): Evidence {
  const { run = 'update', result = said({}), exit = 0, status = exit, overdue = false, lingeredMs = 20 } = parts;
  const {
    harm = 'fail-before:EIO',
    path = 'volume/SPACEPACK',
    before = OLD,
    atResult = NEW,
    settled = atResult,
  } = parts;
  return {
    run: RUNS[run],
    strike: { point: { call: 'open', path, occurrence: 1, stage: 'start' }, harm },
    ran: { result: result && { ...result, exit, devices: [result] }, status, overdue, lingeredMs, stderr: '' },
    oldHash: 'old',
    newHash: 'new',
    before,
    atResult,
    settled,
  };
}

const faultsOf = (parts: Parts): readonly string[] => judge(evidence(parts)).map(({ fault }) => fault);
const refused = (code: string): Said => said({ verdict: 'refused', code, oldFirmware: 'runs' });

describe('how a struck run is judged', () => {
  test.each<[string, Parts]>([
    ['an update that is applied', {}],
    ['a refusal after which the device stays as it is', { result: refused('volume-io'), exit: 6, atResult: OLD }],
    ['a run that was killed', { result: null, harm: 'kill', status: null }],
    [
      'a run that does not know',
      {
        result: said({ verdict: 'indeterminate', code: 'never-returned', oldFirmware: 'unknown' }),
        exit: 9,
        atResult: { ...OLD, ready: false },
        settled: NEW,
      },
    ],
    [
      'a ping that is answered',
      {
        run: 'ping',
        result: said({ verdict: 'unchanged', code: 'ping-answered', oldFirmware: 'runs' }),
        atResult: { ...OLD, bootCount: 2 },
      },
    ],
  ])('nothing is wrong with %s', (_, parts) => {
    expect(faultsOf(parts)).toEqual([]);
  });

  test.each<[string, Parts, readonly string[]]>([
    ['applied, and the old firmware runs', { atResult: OLD, settled: OLD }, ['false word', 'false word']],
    ['applied, and true only later', { atResult: OLD, settled: NEW }, ['false word', 'false word']],
    [
      'refused, and the device installs later',
      { result: refused('volume-full'), harm: 'fail-after:ENOSPC', exit: 6, atResult: OLD, settled: NEW },
      ['false word', 'false word'],
    ],
    [
      'refused, and the device answers the ping',
      { run: 'ping', result: refused('volume-io'), exit: 6, atResult: OLD, settled: { ...OLD, bootCount: 2 } },
      ['false word'],
    ],
    ['a reason that nothing gave', { result: refused('volume-gone'), exit: 6, atResult: OLD }, ['false word']],
    [
      'the reason of the volume for the own disk',
      { result: refused('volume-io'), path: 'home/state', exit: 6, atResult: OLD },
      ['false word'],
    ],
    ['another status than was said', { status: 9 }, ['false word']],
    [
      'a device denied that is away to install',
      {
        run: 'away',
        result: said({ verdict: 'refused', code: 'no-device', oldFirmware: null }),
        exit: 3,
        atResult: { ...OLD, ready: false },
        settled: NEW,
      },
      ['false word'],
    ],
    [
      'exit 1',
      { result: said({ verdict: 'refused', code: 'unexpected', oldFirmware: 'unknown' }), exit: 1, atResult: OLD },
      ['exit 1'],
    ],
    ['no result within the limit', { result: null, harm: 'hang', status: null, overdue: true }, ['no result']],
    ['an end without a word', { result: null, harm: 'fail-before:EIO', status: null }, ['no result']],
    ['a process that goes on', { lingeredMs: 5_000, harm: 'hang', status: null }, ['outlived its result']],
  ])('seen: %s', (_, parts, faults) => {
    expect(faultsOf(parts)).toEqual(faults);
  });
});
