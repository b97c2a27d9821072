import { createHash } from 'node:crypto';
import type { Key, Metadata, TargetFile, Targets } from '@tufjs/models';
import { isTable, listOf, memberOf, whole } from '../../protocol/shapes.ts';
import { COMPLETE_LIST } from '../complete-list.ts';

/**
 * Releases that nobody is offered any more are kept in sixteen bins (succinct roles, TAP 15), so that the list which
 * clients fetch stays small. Clients of ours never fetch a bin; any other TUF client finds a target there by its name.
 */
const PREFIX = 'archive';
const BITS = 4;

/** Up to this many releases, one list for all is smaller than what the bins add to it and to the snapshot. */
export const MOST_WITHOUT_ARCHIVE = 32;

export const BINS: readonly string[] = Array.from({ length: 2 ** BITS }, (_, bin) => `${PREFIX}-${bin.toString(16)}`);

/** The bin of a target: the first bits of the digest of its name. */
export const binOf = ({ path }: Pick<TargetFile, 'path'>): string =>
  `${PREFIX}-${createHash('sha256').update(path).digest('hex').charAt(0)}`;

export type Archive = ReadonlyMap<string, Metadata<Targets>>;

type Json = ReturnType<Targets['toJSON']>;

/** What a list says of its archive: who signs the bins, and which version of each belongs to it. */
export function archiveFields(key: Key, archive: Archive): Json {
  const succinct = { keyids: [key.keyID], threshold: 1, bit_length: BITS, name_prefix: PREFIX };
  return {
    delegations: { keys: { [key.keyID]: key.toJSON() }, succinct_roles: succinct },
    spacepack: { ...COMPLETE_LIST.spacepack, archive: BINS.map((name) => archive.get(name)?.signed.version ?? 0) },
  };
}

/** The version of each bin that belongs to a list; `null`: it has no archive, or none of ours. */
export function binVersionsOf({ delegations, unrecognizedFields }: Targets): ReadonlyMap<string, number> | null {
  const { namePrefix, bitLength } = delegations?.succinctRoles ?? {};
  const field: unknown = unrecognizedFields['spacepack'];
  const versions = isTable(field) ? memberOf(field, 'archive') : undefined;
  if (namePrefix !== PREFIX || bitLength !== BITS || !listOf(whole(1), BINS.length)(versions)) return null;
  return new Map(BINS.map((name, bin) => [name, versions[bin] ?? 0]));
}
