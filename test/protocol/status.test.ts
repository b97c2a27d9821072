import { crc32 } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { CODES_OF_STATE } from '../../src/protocol/codes.ts';
import { parseStatus } from '../../src/protocol/status.ts';
import { altered, example } from './examples.ts';

const NONCE = '000102030405060708090a0b0c0d0e0f';
const status = (changes: Record<string, string | null> = {}) => parseStatus(altered('12.3', changes, crc32));

describe('STATUS.TXT (protocol §6)', () => {
  test('the example of §12.3', () => {
    expect(parseStatus(example('12.3'))).toMatchObject({
      kind: 'intact',
      value: { nonce: NONCE, state: 'applied', code: 'none', pingNonce: null, details: { triggerBootCount: 7 } },
    });
  });

  test('every code goes with its state and no other (§6.2)', () => {
    const codes = [...new Set(Object.values(CODES_OF_STATE).flat())];
    for (const [state, allowed] of Object.entries(CODES_OF_STATE)) {
      for (const code of codes) {
        const nonce = state === 'idle' ? 'none' : NONCE;
        const kind = status({ State: state, Code: code, Nonce: nonce }).kind;
        expect([state, code, kind]).toEqual([state, code, allowed.includes(code) ? 'intact' : 'malformed']);
      }
    }
  });

  test.each([
    ['idle with a nonce', { State: 'idle' }],
    ['an answer without a nonce', { Nonce: 'none' }],
    ['a detail of 257 bytes', { Detail: 'x'.repeat(257) }],
    ['no detail', { Detail: null }],
  ])('malformed: %s', (_, changes) => {
    expect(status(changes).kind).toBe('malformed');
  });

  test('another version of the protocol can still be judged (§11.1)', () => {
    expect(status({ Protocol: '9', Detail: null, From: null })).toMatchObject({
      kind: 'intact',
      value: { nonce: NONCE, state: 'applied', details: null },
    });
  });
});
