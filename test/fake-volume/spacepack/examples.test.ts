import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createBenchDevice } from '../bench-device.ts';
import { readText } from './grammar.ts';
import { addSuffix } from './image/build.ts';
import { readTrigger } from './trigger.ts';
import { buildPingTrigger } from './trigger-build.ts';

const document = readFileSync(new URL('../../../docs/protocol.md', import.meta.url), 'utf8');

/** The bytes of an example of protocol §12, by the words behind its fence. */
function example(kind: 'text' | 'hex', name: string): Uint8Array {
  const match = new RegExp(`\`\`\`${kind} ${name.replace('.', '\\.')}\n([^\`]*)\`\`\``).exec(document);
  if (match?.[1] === undefined) throw new TypeError(`docs/protocol.md has no example ${kind} ${name}`);
  return kind === 'text' ? Buffer.from(match[1]) : Buffer.from(match[1].replace(/\s/g, ''), 'hex');
}

function fieldsOf(bytes: Uint8Array): readonly (readonly [string, string])[] {
  const text = readText(bytes, 4096);
  return text.kind === 'intact' ? [...text.fields].filter(([key]) => key !== 'crc32' && key !== 'pad') : [];
}

test('the device understands the install trigger of the document', () => {
  expect(readTrigger(example('text', 'UPDATE.TRG'))).toMatchObject({
    kind: 'intact',
    trigger: {
      nonce: '000102030405060708090a0b0c0d0e0f',
      serial: 'SP0042',
      bootCount: 7,
      session: '00112233445566ff',
      install: { lengthBytes: 262_160, crc32: '89ABCDEF', sha256: 'c3'.repeat(32), allowDowngrade: false },
    },
  });
});

test('the device understands the ping of the document', () => {
  const bytes = example('hex', 'UPDATE.TRG');
  const sight = readTrigger(bytes);
  expect(sight).toMatchObject({ kind: 'intact', trigger: { bootCount: 8, install: null } });
  const { nonce, serial, bootCount, session } = sight.kind === 'intact' ? sight.trigger : createBenchDevice().present();
  expect(fieldsOf(buildPingTrigger({ nonce, serial, bootCount, session }))).toEqual(fieldsOf(bytes));
});

test('the device writes the very keys of INFO.TXT and STATUS.TXT of the document, in that order', () => {
  const bench = createBenchDevice();
  const keys = (lines: Iterable<readonly [string, string]>) =>
    [...lines].map(([key]) => key).filter((key) => key !== 'pad' && key !== 'crc32');
  expect(keys(bench.info())).toEqual(keys(fieldsOf(example('text', 'INFO.TXT'))));
  expect(keys(bench.status())).toEqual(keys(fieldsOf(example('text', 'STATUS.TXT'))));
});

test('the device makes the DFU suffix of the document', () => {
  expect(Buffer.compare(addSuffix(new Uint8Array()), example('hex', 'suffix'))).toBe(0);
});
