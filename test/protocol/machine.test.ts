import { describe, expect, test } from 'vitest';
import {
  advance,
  type Event,
  isCommitted,
  type Pending,
  type ReadyDevice,
  type State,
} from '../../src/protocol/machine.ts';
import type { MountedVolume } from '../../src/protocol/sight.ts';
import { LONGEST_TIMING } from '../../src/protocol/spacepack/info.ts';

const volume = { drive: { attachment: 'first' } } as MountedVolume;
const later = { drive: { attachment: 'second' } } as MountedVolume;
const device = { volume } as ReadyDevice;
const pending = (origin: Pending['origin']): Pending => ({
  commitment: {
    action: 'install',
    serial: 'S',
    nonce: 'n',
    memory: null,
    newImage: 'new',
    oldImage: 'old',
  },
  origin,
  timing: LONGEST_TIMING,
  device: { serial: 'S', port: '1-1', attachment: 'first' },
  others: [],
});
const own = pending('own');

const STATES: Record<State['phase'], State> = {
  discover: { phase: 'discover', round: 1 },
  identify: { phase: 'identify', round: 1, volume },
  stage: { phase: 'stage', round: 1, device },
  commit: { phase: 'commit', round: 1, device },
  release: { phase: 'release', round: 1, pending: own, volume },
  depart: { phase: 'depart', round: 1, pending: own, left: volume, volume: null },
  return: { phase: 'return', round: 1, pending: own, left: volume },
  confirm: { phase: 'confirm', round: 1, pending: own, volume: later, testimony: null },
  done: { phase: 'done', code: 'applied', commitment: null },
};

const EVENTS: Record<Event['type'], Event> = {
  found: { type: 'found', volume },
  away: { type: 'away', pending: own },
  satisfied: { type: 'satisfied', code: 'already-current' },
  ready: { type: 'ready', device, stage: true },
  joined: { type: 'joined', pending: own, volume },
  answered: { type: 'answered', pending: own, volume },
  staged: { type: 'staged', device },
  committed: { type: 'committed', pending: own, volume },
  vanished: { type: 'vanished', pending: own },
  released: { type: 'released', volume: null },
  departed: { type: 'departed' },
  returned: { type: 'returned', volume: later, testimony: null },
  judged: { type: 'judged', judgement: { code: 'applied' } },
  settled: { type: 'settled' },
  'gave-up': { type: 'gave-up', code: 'never-left' },
};

const POSSIBLE: Record<State['phase'], Partial<Record<Event['type'], State['phase']>>> = {
  discover: { found: 'identify', away: 'return' },
  identify: { satisfied: 'done', ready: 'stage', joined: 'release', answered: 'confirm' },
  stage: { staged: 'commit' },
  commit: { committed: 'release', vanished: 'depart', answered: 'confirm' },
  release: { released: 'depart' },
  depart: { departed: 'return', returned: 'confirm', judged: 'done' },
  return: { returned: 'confirm' },
  confirm: { judged: 'done', departed: 'return', settled: 'identify' },
  done: {},
};

describe('the machine', () => {
  for (const [phase, state] of Object.entries(STATES)) {
    test.each(Object.entries(EVENTS))(`${phase}: %s`, (type, event) => {
      const next = POSSIBLE[state.phase][event.type] ?? (type === 'gave-up' && phase !== 'done' ? 'done' : undefined);
      if (next === undefined) expect(() => advance(state, event)).toThrow(TypeError);
      else expect(advance(state, event).phase).toBe(next);
    });
  }

  test('nothing can be called off from the commit on', () => {
    const committed = Object.values(STATES).filter(isCommitted);
    expect(committed.map(({ phase }) => phase)).toEqual(['release', 'depart', 'return', 'confirm']);
  });

  test('waiting for a stranger’s commit can be called off at any time, and it is not ours', () => {
    const waiting: State = { phase: 'depart', round: 1, pending: pending('stranger'), left: volume, volume: null };
    expect(isCommitted(waiting)).toBe(false);
    expect(advance(waiting, { type: 'gave-up', code: 'never-left' })).toMatchObject({ code: 'device-busy' });
  });

  test('a ping has nothing to stage', () => {
    expect(advance(STATES.identify, { type: 'ready', device, stage: false }).phase).toBe('commit');
  });

  test('it starts over once, and not twice', () => {
    const again: Event = { type: 'judged', judgement: { code: 'not-applied', next: 'again' } };
    const second = advance(STATES.confirm, again);
    expect(second).toMatchObject({ phase: 'identify', round: 2 });
    expect(advance({ ...STATES.confirm, round: 2 } as State, again)).toMatchObject({
      phase: 'done',
      code: 'not-applied',
    });
  });

  test.each([
    ['an earlier run that was applied is this run done', 'earlier', 'applied', 'done'],
    ['an earlier run that failed is done again', 'earlier', 'failed-flash', 'identify'],
    ['whatever became of something else, this run begins now', 'foreign', 'applied', 'identify'],
  ] as const)('%s', (_, origin, code, phase) => {
    const state: State = { phase: 'confirm', round: 1, pending: pending(origin), volume: later, testimony: null };
    expect(advance(state, { type: 'judged', judgement: { code } })).toMatchObject({ phase });
  });

  test('the wait for the return starts from the volume that was left', () => {
    expect(advance(STATES.commit, EVENTS.vanished)).toMatchObject({ left: volume });
    expect(advance(STATES.confirm, EVENTS.departed)).toMatchObject({ phase: 'return', left: later });
  });
});
