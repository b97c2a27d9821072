import { crc32 } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { CODES_OF_STATE } from '../../../src/protocol/spacepack/codes.ts';
import { parseStatus } from '../../../src/protocol/spacepack/status.ts';
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

  test('a code that does not go with its state is an unknown one: the state is plain (§6.2, §11.1)', () => {
    const codes = [...new Set(Object.values(CODES_OF_STATE).flat()), 'too-hot'];
    for (const [state, allowed] of Object.entries(CODES_OF_STATE)) {
      for (const code of codes) {
        const isKnown = allowed.some((candidate) => candidate === code);
        expect(status({ State: state, Code: code })).toMatchObject({
          kind: 'intact',
          value: { state, code: isKnown ? code : 'other' },
        });
      }
    }
  });

  test('a state that a later version adds is an unknown one, and the rest is still heard (§11.1)', () => {
    expect(status({ State: 'postponed' })).toMatchObject({ kind: 'intact', value: { nonce: NONCE, state: 'other' } });
  });

  test('a malformed trigger is answered without its nonce, if that cannot be read (§7.6)', () => {
    const changes = { State: 'rejected', Code: 'trigger', Nonce: 'none' };
    expect(status(changes)).toMatchObject({ kind: 'intact', value: { nonce: null, pingNonce: null } });
  });

  test.each([
    ['no detail', { Detail: null }],
    ['a version that is none', { From: '1.0' }],
  ])('what is for people alone spoils no answer: %s', (_, changes) => {
    expect(status(changes)).toMatchObject({ kind: 'intact', value: { state: 'applied', details: null } });
  });

  test.each([
    ['no state', { State: null }],
    ['a nonce that is none', { Nonce: 'xyz' }],
    ['a boot count that is none', { 'Boot-Count': '-1' }],
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
