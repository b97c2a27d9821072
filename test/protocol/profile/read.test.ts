import { readdirSync, readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { parse } from 'smol-toml';
import { describe, expect, test } from 'vitest';
import { ProfileFault } from '../../../src/protocol/profile/fields.ts';
import { notPlain } from '../../../src/protocol/profile/plain-path.ts';
import { readProfile } from '../../../src/protocol/profile/read.ts';

const root = new URL('../../../', import.meta.url);
const schema = JSON.parse(readFileSync(new URL('schema/profile.schema.json', root), 'utf8'));
const isValid = new Ajv2020({ strict: false }).compile(schema);

const good = {
  schema: 1,
  id: 'mine',
  name: 'Mine',
  returns: 'anew',
  device: { usb: ['1209:0001'], marker: 'ME.TXT' },
  version: { file: 'ME.TXT', key: 'version' },
  image: { extension: 'bin', begins_hex: '7f454c46' },
  write: { payload: 'A/NEW.BIN', trigger: { file: 'A/GO.TXT', text: '' } },
  verdict: [
    { is: 'applied', when: { vanished: true, version: 'changed' } },
    { is: 'rejected', when: { status: { file: 'A/SAYS.TXT', key: 'state', is: 'bad' } } },
  ],
  patience: { leave: 1_000 },
};

/** The field that the parser names; empty: none. */
function faultOf(value: unknown): string {
  try {
    readProfile(value);
    return '';
  } catch (thrown) {
    if (thrown instanceof ProfileFault) return thrown.field || 'profile';
    throw thrown;
  }
}

describe('what is shipped, and the published schema', () => {
  test.each(readdirSync(new URL('profiles', root)))('%s is valid for both', (name) => {
    const value = parse(readFileSync(new URL(`profiles/${name}`, root), 'utf8'));
    expect([faultOf(value), isValid(value)]).toEqual(['', true]);
    expect(`${value['id']}.toml`).toBe(name);
  });

  test('a full example is valid for both', () => {
    expect([faultOf(good), isValid(good)]).toEqual(['', true]);
  });

  const rules = (...verdict: unknown[]) => ({ ...good, verdict });
  const paths = ['../A.BIN', '/A.BIN', 'A/../../B', 'C:A.BIN', 'A\\B', '', '.'];
  test.each([
    ['no witness', rules({ is: 'applied', when: {} }), 'verdict[1].when'],
    ['a verdict that is no rule', rules({ is: 'applied' }), 'verdict[1].when'],
    ['applied by reading back alone', rules({ is: 'applied', when: { holds: 'X.BIN' } }), 'verdict[1].when'],
    ['written without reading back', rules({ is: 'written', when: { vanished: true } }), 'verdict[1].when'],
    ['a verdict of no kind', rules({ is: 'ok', when: { vanished: true } }), 'verdict[1].is'],
    ['no rules', { ...good, verdict: [] }, 'verdict'],
    ['rules of a device that never returns', { ...good, returns: 'never' }, 'verdict'],
    ['an unknown field', { ...good, lable: 'X' }, 'lable'],
    ['USB ids in another form', { ...good, device: { usb: ['0x1209:1'], marker: 'ME.TXT' } }, 'device.usb[1]'],
    ['two beginnings', { ...good, image: { extension: 'bin', begins: 'a', begins_hex: '61' } }, 'image.begins_hex'],
    ['a huge image', { ...good, image: { extension: 'bin', most_bytes: 1e9 } }, 'image.most_bytes'],
    ['patience without end', { ...good, patience: { away: 1e12 } }, 'patience.away'],
    ...paths.map((path) => [`the path "${path}"`, { ...good, write: { payload: path } }, 'write.payload'] as const),
  ] as const)('%s is refused by both', (_, value, field) => {
    expect([faultOf(value), isValid(value)]).toEqual([field, false]);
  });

  test.each([
    ['nothing that tells it apart', { ...good, version: undefined, device: {} }, 'device'],
    [
      'a trigger elsewhere',
      { ...good, write: { payload: 'A.BIN', trigger: { file: 'B/GO', text: '' } } },
      'write.trigger.file',
    ],
    [
      'a trigger of the payload’s name',
      { ...good, write: { payload: 'A', trigger: { file: 'a', text: '' } } },
      'write.trigger.file',
    ],
    ['a marker that we write', { ...good, write: { payload: 'me.txt' } }, 'device.marker'],
    ['a witness that we write', rules({ is: 'applied', when: { appeared: 'a/new.bin' } }), 'verdict[1].when'],
    ['a version that is not read', { ...good, version: undefined }, 'verdict[1].when'],
    ['a version in a file that need not be there', { ...good, device: { marker: 'OTHER' } }, 'device.marker'],
  ] as const)('%s is refused by the parser', (_, value, field) => {
    expect(faultOf(value)).toBe(field);
  });
});

test.each(['CON', 'nul.txt', 'A/com1.bin', 'A.', 'A ', ' A', '._A', 'A*', 'A\u0001', 'Ä.BIN', 'A//B', 'A/', '...'])(
  'a name that is another one on some system is no plain path: %j',
  (path) => expect(notPlain(path)).not.toBeNull(),
);

test('a way out of the volume is named', () => {
  expect([notPlain('../A'), notPlain('A/./B')]).toEqual(['".." in it', '"." in it']);
});

test.each([
  ['a table', Object.assign(Object.create(null), { a: 1 })],
  ['a table', { toString: 1 }],
  ['a list', JSON.parse(`${'['.repeat(40_000)}${']'.repeat(40_000)}`)],
])('%s in the place of USB ids is told like any fault', (_found, ids) => {
  expect(faultOf({ ...good, device: { usb: [ids], marker: 'ME.TXT' } })).toBe('device.usb[1]');
});

test('whatever is found in the place of a field, only a ProfileFault is thrown', () => {
  const paths = ['device', 'image', 'write', 'verdict', 'version', 'patience', 'returns', 'id', 'name', 'schema'];
  fc.assert(
    fc.property(fc.constantFrom(...paths), fc.jsonValue(), (key, value) => {
      faultOf({ ...good, [key]: value });
    }),
    { numRuns: 500 },
  );
});

test('a path that is taken stays below the root', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('.', '/', 'a', '\\', ':', ' ') }), (path) => {
      if (notPlain(path) !== null) return;
      expect(new URL(path, 'file:///root/').pathname.startsWith('/root/')).toBe(true);
      expect(path.split('/').some((name) => /^\.*$/.test(name))).toBe(false);
    }),
  );
});
