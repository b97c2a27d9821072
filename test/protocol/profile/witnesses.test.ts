import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createFingerprinter, isCutOff } from '../../../src/protocol/profile/fingerprint.ts';
import { passes, valueAt } from '../../../src/protocol/profile/place.ts';
import { readProfile } from '../../../src/protocol/profile/read.ts';
import { judgeRules, type Remembered, type Seen } from '../../../src/protocol/profile/witnesses.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text);
const fingerprint = (content: Uint8Array) => {
  const printer = createFingerprinter();
  printer.take(content);
  return printer.finish();
};

describe('a file that was cut off', () => {
  test('is recognised after each sector, and another file is not', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 3_000 }), fc.nat(6), (content, sectors) => {
        const whole = fingerprint(content);
        const part = content.subarray(0, sectors * 512);
        expect(isCutOff(part, whole)).toBe(sectors * 512 < content.length);
        if (part.length === 0) return;
        const other = Uint8Array.from(part, (byte, index) => (index === 0 ? byte ^ 1 : byte));
        expect(isCutOff(other, whole)).toBe(false);
      }),
    );
  });

  test('is not what has the same beginning and another length, such as an older version', () => {
    const whole = fingerprint(Buffer.alloc(2_000, 'firmware'));
    const older = Buffer.concat([Buffer.alloc(1_030, 'firmware'), Buffer.from('version 1')]);
    expect(isCutOff(older, whole)).toBe(false);
  });

  test('a fingerprint does not depend on the pieces', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 8 }), (pieces) => {
        const printer = createFingerprinter();
        for (const piece of pieces) printer.take(piece);
        expect(printer.finish()).toEqual(fingerprint(Uint8Array.from(pieces.flatMap((piece) => [...piece]))));
      }),
    );
  });
});

test('a value is where a profile says it is', () => {
  const between = { kind: 'between', after: '<V>', until: '</V>' } as const;
  expect(valueAt('a: 1\r\nVersion = 2.0 \r\n', { kind: 'key', key: 'version' })).toBe('2.0');
  expect(valueAt('versions: 3', { kind: 'key', key: 'version' })).toBeNull();
  expect(valueAt('<V> 440 </V><V>5</V>', between)).toBe('440');
  expect(valueAt('<V>440', between)).toBeNull();
  expect(valueAt('a,b,c\nd', { kind: 'field', separator: ',', field: 3 })).toBe('c');
  expect(passes(' ok \n', { place: null, how: 'is', text: 'ok' })).toBe(true);
  expect(passes('not ok', { place: null, how: 'is', text: 'ok' })).toBe(false);
});

describe('nothing counts that was so before, or may be somebody else’s', () => {
  const profile = (when: object) =>
    readProfile({
      schema: 1,
      id: 'mine',
      name: 'Mine',
      returns: 'anew',
      device: { marker: 'ME.TXT' },
      version: { file: 'ME.TXT', key: 'v' },
      image: { extension: 'bin' },
      write: { payload: 'NEW.BIN' },
      verdict: [{ is: 'applied', when }],
    });
  const image = bytes('the image');
  const known: Remembered = { image: fingerprint(image), before: { 'W.TXT': null }, version: '1', hasArrived: true };
  const seen = (content: Uint8Array | null, version: string | null = '1') => ({
    version,
    trigger: { kind: 'absent', why: 'none' } as const,
    others: new Map([
      [
        'W.TXT',
        content === null ? ({ kind: 'absent', why: 'none' } as const) : ({ kind: 'intact', value: content } as const),
      ],
    ]),
  });
  const judge = (when: object, memory: Remembered, now: Seen) => judgeRules(profile(when), memory, now)?.code ?? null;

  test.each([
    ['renamed', { renamed: 'W.TXT' }, image],
    ['appeared', { appeared: 'W.TXT' }, bytes('x')],
    ['status', { status: { file: 'W.TXT', is: 'ok' } }, bytes('ok')],
  ])('%s', (name, when, content) => {
    expect(judge(when, known, seen(content))).toBe('applied');
    expect(judge(when, known, seen(null))).toBeNull();
    const digest = fingerprint(content);
    expect(judge(when, { ...known, before: { 'W.TXT': digest } }, seen(content))).toBeNull();
    // It could not be read before, so whether it is new is not known.
    expect(judge(when, { ...known, before: {} }, seen(content))).toBeNull();
    expect(judge(when, { ...known, hasArrived: false }, seen(content))).toBe(name === 'renamed' ? 'applied' : null);
    const stays = { ...seen(content), trigger: { kind: 'intact', value: image } as const };
    expect(judge(when, known, stays)).toBe(name === 'renamed' ? null : 'applied');
  });

  test('a renamed file of other bytes is none', () => {
    expect(judge({ renamed: 'W.TXT' }, known, seen(bytes('the imagE')))).toBeNull();
  });

  test('a version', () => {
    const when = { version: 'changed' };
    expect(judge(when, known, seen(null, '2'))).toBe('applied');
    expect(judge(when, known, seen(null, '1'))).toBeNull();
    expect(judge(when, known, seen(null, null))).toBeNull();
    expect(judge(when, { ...known, version: null }, seen(null, '2'))).toBeNull();
    expect(judge(when, { ...known, hasArrived: false }, seen(null, '2'))).toBeNull();
  });

  test('all that a rule names must be seen', () => {
    const when = { appeared: 'W.TXT', version: 'changed' };
    expect(judge(when, known, seen(bytes('x'), '2'))).toBe('applied');
    expect(judge(when, known, seen(bytes('x'), '1'))).toBeNull();
    expect(judge(when, known, seen(null, '2'))).toBeNull();
  });
});
