/**
 * Imported for its effect: reading and writing metadata takes time in proportion to its size. The library adds each
 * entry of a list to a copy of all the entries before it, so that half a megabyte takes many seconds, and it reads
 * before any signature is checked. Only the lists that may be long are handled here; everything else stays the
 * library's. Delegations are capped instead: no more could be read anyway.
 */
import { MetaFile, Snapshot, TargetFile, Targets } from '@tufjs/models';
import { Delegations } from '@tufjs/models/dist/delegations.js';
import { isTable, listOf, type Shape } from '../protocol/shapes.ts';

type Json = Parameters<typeof Targets.fromJSON>[0];
type Entry = Parameters<typeof TargetFile.fromJSON>[1];

const MOST_DELEGATIONS = 1_024;

const isEntry: Shape<Entry> = (value): value is Entry => typeof value === 'object' && value !== null;

/** The entries of a long list; `null`: it is left to the library, which knows what is wrong with it. */
function entriesOf(value: unknown): readonly (readonly [string, Entry])[] | null {
  if (!isTable(value)) return null;
  const entries = Object.entries(value).flatMap(([key, each]) => (isEntry(each) ? [[key, each] as const] : []));
  return entries.length === Object.keys(value).length ? entries : null;
}

/** Lists are properties of their own, so that a name like `__proto__` is a name like any other. */
const mapped = <From, To>(list: Readonly<Record<string, From>>, map: (from: From) => To): Record<string, To> =>
  Object.fromEntries(Object.entries(list).map(([key, each]) => [key, map(each)]));

const { fromJSON: targetsFromJson } = Targets;
const { toJSON: targetsToJson } = Targets.prototype;
const { fromJSON: snapshotFromJson } = Snapshot;
const { toJSON: snapshotToJson } = Snapshot.prototype;
const { fromJSON: delegationsFromJson } = Delegations;

Targets.fromJSON = (data: Json): Targets => {
  const entries = entriesOf(data['targets']);
  if (entries === null) return targetsFromJson(data);
  const { specVersion, version, expires, delegations, unrecognizedFields } = targetsFromJson({ ...data, targets: {} });
  const targets = Object.fromEntries(entries.map(([path, each]) => [path, TargetFile.fromJSON(path, each)]));
  const optional = { ...(delegations && { delegations }), ...(unrecognizedFields && { unrecognizedFields }) };
  return new Targets({ specVersion, version, expires, targets, ...optional });
};

Targets.prototype.toJSON = function (this: Targets): Json {
  const bare: Targets = Object.create(this, { targets: { value: {} } });
  return { ...targetsToJson.call(bare), targets: mapped(this.targets, (each) => each.toJSON()) };
};

Snapshot.fromJSON = (data: Json): Snapshot => {
  const entries = entriesOf(data['meta']);
  if (entries === null) return snapshotFromJson(data);
  const { specVersion, version, expires, unrecognizedFields } = snapshotFromJson({ ...data, meta: {} });
  const meta = Object.fromEntries(entries.map(([name, each]) => [name, MetaFile.fromJSON(each)]));
  return new Snapshot({ specVersion, version, expires, meta, ...(unrecognizedFields && { unrecognizedFields }) });
};

Snapshot.prototype.toJSON = function (this: Snapshot): Json {
  const bare: Snapshot = Object.create(this, { meta: { value: {} } });
  return { ...snapshotToJson.call(bare), meta: mapped(this.meta, (each) => each.toJSON()) };
};

Delegations.fromJSON = (data: Json): Delegations => {
  const { keys, roles } = data;
  const isShort = isTable(keys) && Object.keys(keys).length <= MOST_DELEGATIONS;
  if (isShort && (roles === undefined || listOf(isTable, MOST_DELEGATIONS)(roles))) return delegationsFromJson(data);
  throw new TypeError(`delegations are malformed, or more than ${MOST_DELEGATIONS}`);
};
