import { describe, expect, test } from 'vitest';
import type { Mode } from '../../../src/protocol/device-info.ts';
import type { DeviceCode, DeviceState } from '../../../src/protocol/spacepack/codes.ts';
import { type Committed, type Heard, judge } from '../../../src/protocol/spacepack/verdict.ts';

const MINE = 'a'.repeat(32);
const OTHER = 'b'.repeat(32);
const HASH = { new: '1'.repeat(64), old: '2'.repeat(64), other: '3'.repeat(64), none: null } as const;

const install: Committed = {
  action: 'install',
  serial: 'SP1',
  nonce: MINE,
  memory: { bootCount: 7, session: '0'.repeat(16) },
  newImage: HASH.new,
  oldImage: HASH.old,
};

interface Seen {
  readonly running: keyof typeof HASH;
  readonly mode?: Mode;
  readonly nonce?: string | null;
  readonly state?: DeviceState;
  readonly code?: DeviceCode;
  readonly trigger?: Heard['trigger'];
  readonly status?: null;
  readonly bootCount?: number;
}

function testimony({
  running,
  mode = 'application',
  nonce = MINE,
  state = 'applied',
  code = 'none',
  trigger = 'gone',
  status,
  bootCount = 8,
}: Seen): Heard {
  return {
    info: { protocol: 1, serial: 'SP1', mode, bootCount, image: HASH[running], details: null },
    status: status === null ? null : { protocol: 1, bootCount, nonce, state, code, pingNonce: null, details: null },
    trigger,
  };
}

describe('the table of verdicts (protocol §10.2)', () => {
  test.each<[string, Seen, string, string?]>([
    ['runs the new image and says applied', { running: 'new' }, 'applied'],
    ['runs the new image, STATUS unreadable', { running: 'new', status: null }, 'applied'],
    ['runs the new image, STATUS answers another', { running: 'new', nonce: OTHER }, 'applied'],
    ['runs the new image, still says started', { running: 'new', state: 'started' }, 'applied'],
    ['runs the new image, but says rejected', { running: 'new', state: 'rejected', code: 'crc' }, 'contradiction'],
    ['runs the new image, but says failed', { running: 'new', state: 'failed', code: 'flash' }, 'contradiction'],
    ['says applied, but runs the old image', { running: 'old' }, 'contradiction'],
    ['says applied, but is in its bootloader', { running: 'none', mode: 'bootloader' }, 'contradiction'],
    ['old image, says rejected', { running: 'old', state: 'rejected', code: 'signature' }, 'rejected-signature'],
    ['old image, says stale', { running: 'old', state: 'rejected', code: 'stale' }, 'rejected-stale', 'again'],
    [
      'bootloader, says rejected',
      { running: 'none', mode: 'bootloader', state: 'rejected', code: 'low-battery' },
      'rejected-low-battery',
    ],
    [
      'bootloader, says failed',
      { running: 'none', mode: 'bootloader', state: 'failed', code: 'did-not-start' },
      'failed-did-not-start',
    ],
    [
      'bootloader, says interrupted',
      { running: 'none', mode: 'bootloader', state: 'interrupted', code: 'interrupted' },
      'failed-interrupted',
    ],
    ['old image, another nonce, trigger gone', { running: 'old', nonce: OTHER }, 'not-applied', 'again'],
    ['old image, no answer ever, trigger gone', { running: 'old', nonce: null, state: 'idle' }, 'not-applied', 'again'],
    [
      'old image, another nonce, trigger still there',
      { running: 'old', nonce: OTHER, trigger: 'present' },
      'no-answer',
      'wait',
    ],
    [
      'old image, another nonce, trigger torn: no device can act on it any more',
      { running: 'old', nonce: OTHER, trigger: 'torn' },
      'not-applied',
      'again',
    ],
    ['old image, STATUS unreadable', { running: 'old', status: null }, 'no-answer', 'wait'],
    ['old image, says started', { running: 'old', state: 'started' }, 'no-answer', 'wait'],
    ['bootloader, another nonce', { running: 'none', mode: 'bootloader', nonce: OTHER }, 'returned-bootloader'],
    [
      'bootloader, STATUS unreadable',
      { running: 'none', mode: 'bootloader', status: null },
      'returned-bootloader',
      'wait',
    ],
    ['another image, STATUS unreadable', { running: 'other', status: null }, 'returned-other', 'wait'],
    ['another image, another nonce', { running: 'other', nonce: OTHER }, 'returned-other'],
    ['another image, says failed', { running: 'other', state: 'failed', code: 'internal' }, 'failed-internal'],
  ])('%s', (_, seen, code, next) => {
    expect(judge(install, testimony(seen))).toEqual(next === undefined ? { code } : { code, next });
  });

  test('every combination has a verdict, and only the new hash in the application is a success', () => {
    const states: [DeviceState, DeviceCode][] = [
      ['idle', 'none'],
      ['started', 'none'],
      ['applied', 'none'],
      ['rejected', 'crc'],
      ['failed', 'verify'],
      ['interrupted', 'interrupted'],
    ];
    for (const running of ['new', 'old', 'other', 'none'] as const)
      for (const mode of ['application', 'bootloader'] as const)
        for (const [state, code] of states)
          for (const nonce of [MINE, OTHER, null])
            for (const trigger of ['gone', 'present', 'torn'] as const) {
              const verdict = judge(install, testimony({ running, mode, state, code, nonce, trigger }));
              if (verdict.code === 'applied') expect([running, mode]).toEqual(['new', 'application']);
            }
  });

  test('at the same boot count there is nothing to judge', () => {
    expect(() => judge(install, testimony({ running: 'new', bootCount: 7 }))).toThrow(TypeError);
  });
});

describe('a ping (protocol §10.3)', () => {
  const ping: Committed = { ...install, action: 'ping', newImage: null };
  const seen = (pingNonce: string | null, trigger: Heard['trigger'], readable = true): Heard => {
    const base = testimony({ running: 'old', trigger });
    return { ...base, status: readable && base.status ? { ...base.status, pingNonce } : null };
  };

  test.each<[string, Heard, object]>([
    ['echoed', seen(MINE, 'gone'), { code: 'ping-answered' }],
    ['not echoed, trigger gone', seen(OTHER, 'gone'), { code: 'ping-unanswered', next: 'again' }],
    ['not echoed, trigger torn', seen(OTHER, 'torn'), { code: 'ping-unanswered', next: 'again' }],
    ['not echoed, trigger there', seen(null, 'present'), { code: 'ping-unanswered', next: 'wait' }],
    ['STATUS unreadable', seen(MINE, 'gone', false), { code: 'ping-unanswered', next: 'wait' }],
  ])('%s', (_, witness, expected) => {
    expect(judge(ping, witness)).toEqual(expected);
  });
});
