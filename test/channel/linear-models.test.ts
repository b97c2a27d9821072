import { execFileSync } from 'node:child_process';
import { Metadata, MetadataKind } from '@tufjs/models';
import { expect, test } from 'vitest';
import '../../src/channel/linear-models.ts';

const EXPIRES = '2030-01-01T00:00:00Z';
const common = { spec_version: '1.0.31', version: 3, expires: EXPIRES };
const hashes = { sha256: 'a'.repeat(64) };

function listOf(count: number): object {
  const names = Array.from({ length: count }, (_, index) => `fw-${index}.dfu`);
  return Object.fromEntries(names.map((name) => [name, { length: 1, hashes, custom: { a: 1 } }]));
}

const key = { keytype: 'ed25519', scheme: 'ed25519', keyval: { public: 'b'.repeat(64) } };
const role = { name: 'bin', keyids: ['k'], threshold: 1, terminating: true, paths: ['*'] };
const signed = {
  targets: (targets: unknown, rest: object = {}) => ({ _type: 'targets', ...common, targets, ...rest }),
  snapshot: (meta: unknown) => ({ _type: 'snapshot', ...common, meta }),
};

/** What the library alone makes of it, in a process of its own. */
function byTheLibrary(kind: string, json: unknown): unknown {
  const code = `import { Metadata } from '@tufjs/models';
    try { console.log(JSON.stringify(Metadata.fromJSON('${kind}', ${JSON.stringify(json)}).toJSON())); }
    catch (error) { console.log(JSON.stringify(error.message)); }`;
  return JSON.parse(execFileSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8' }));
}

function byUs(kind: MetadataKind, json: unknown): unknown {
  try {
    const read = Metadata.fromJSON(kind as MetadataKind.Targets, JSON.parse(JSON.stringify(json)));
    return JSON.parse(JSON.stringify(read.toJSON()));
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : thrown;
  }
}

test.each<[string, MetadataKind, object]>([
  [
    'a list',
    MetadataKind.Targets,
    signed.targets(listOf(3), { more: [1], delegations: { keys: { k: key }, roles: [role] } }),
  ],
  ['an empty list', MetadataKind.Targets, signed.targets({})],
  ['no list', MetadataKind.Targets, signed.targets(undefined)],
  ['a list of nonsense', MetadataKind.Targets, signed.targets({ a: 1 })],
  ['a list that is a list', MetadataKind.Targets, signed.targets([])],
  ['a target without hashes', MetadataKind.Targets, signed.targets({ a: { length: 1 } })],
  ['a snapshot', MetadataKind.Snapshot, signed.snapshot({ 'targets.json': { version: 1, length: 2, hashes } })],
  ['a snapshot of nonsense', MetadataKind.Snapshot, signed.snapshot({ 'targets.json': 1 })],
  ['a snapshot without a list', MetadataKind.Snapshot, signed.snapshot(undefined)],
])('%s is read as the library reads it', (_, kind, json) => {
  const metadata = { signed: json, signatures: [{ keyid: 'k', sig: 'cc' }] };
  expect(byUs(kind, metadata)).toEqual(byTheLibrary(kind, metadata));
});

test('a name like __proto__ is a name', () => {
  const json = JSON.parse(`{"signed":${JSON.stringify(signed.targets({}))},"signatures":[]}`);
  json.signed.targets = JSON.parse('{"__proto__":{"length":1,"hashes":{"sha256":"aa"}}}');
  const { targets } = Metadata.fromJSON(MetadataKind.Targets, json).signed;
  expect(Object.keys(targets)).toEqual(['__proto__']);
});

test('the longest list that is fetched is read and written without delay', () => {
  // By the library alone this takes hours: a net, not a measurement.
  const { signed: read } = Metadata.fromJSON(MetadataKind.Targets, {
    signed: signed.targets(listOf(50_000)) as never,
    signatures: [],
  });
  expect(Object.keys(read.toJSON()['targets'] as object)).toHaveLength(50_000);
});

test('more delegations than could be read are refused before they are', () => {
  const roles = Array.from({ length: 1_025 }, (_, index) => ({ ...role, name: `r${index}` }));
  const metadata = { signed: signed.targets({}, { delegations: { keys: { k: key }, roles } }), signatures: [] };
  expect(byUs(MetadataKind.Targets, metadata)).toContain('delegations');
});
