import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Release } from '../../src/channel/release.ts';
import { temporaryFolder } from './a-channel.ts';

type Json = Readonly<Record<string, unknown>>;

/** The list of a role: its targets, and to whom it delegates. */
export interface ListWishes {
  readonly targets?: Json;
  /** Delegated roles, in order: `paths`, `path_hash_prefixes`, `terminating`. */
  readonly roles?: readonly (Json & { readonly name: string })[];
  readonly succinct?: { readonly bit_length: number; readonly name_prefix: string };
  readonly days?: number;
  /** More fields of the signed part. */
  readonly more?: Json;
  /** Signed by a stranger. */
  readonly stranger?: boolean;
  /** Not named by the snapshot. */
  readonly unlisted?: boolean;
}

const canonical = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return `{${entries.map(([key, each]) => `${JSON.stringify(key)}:${canonical(each)}`).join()}}`;
};

const aKey = () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const hex = publicKey.export({ type: 'spki', format: 'der' }).subarray(-32).toString('hex');
  const key = { keytype: 'ed25519', scheme: 'ed25519', keyval: { public: hex } };
  const id = createHash('sha256').update(canonical(key)).digest('hex');
  return { id, key, sign: (text: string) => sign(null, Buffer.from(text), privateKey).toString('hex') };
};

/** A target that is a release, with its bytes. */
export function aTarget(version: string, change: Partial<Release> = {}): Json {
  const spacepack = { format: 1, product: 'spacepack', hardware: [], version, 'security-counter': 1, 'min-battery': 0 };
  const custom = { spacepack: { ...spacepack, notes: '', rollout: 100, paused: false } };
  const sha256 = change.sha256 ?? createHash('sha256').update(version).digest('hex');
  return { length: 5, hashes: { sha256 }, custom };
}

/** A channel that none of our publishing code made: a tree of lists under one key. */
export interface Tree {
  readonly folder: string;
  root(): Buffer;
  /** Publishes its next edition. */
  write(lists: Readonly<Record<string, ListWishes>>): void;
}

export function aTree(): Tree {
  const [key, stranger] = [aKey(), aKey()];
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'metadata'));
  let edition = 0;
  const common = (type: string, days = 7): Json => ({
    _type: type,
    spec_version: '1.0.31',
    version: edition,
    expires: new Date(Date.now() + days * 86_400_000).toISOString().replace(/\.\d+/, ''),
  });
  const put = (name: string, signed: Json, by = key): Json => {
    const signatures = [{ keyid: key.id, sig: by.sign(canonical(signed)) }];
    const bytes = JSON.stringify({ signatures, signed });
    writeFileSync(join(folder, 'metadata', name), bytes);
    return { version: edition, length: bytes.length };
  };
  const keys = { [key.id]: key.key };
  const role = { keyids: [key.id], threshold: 1 };

  function listOf({ targets = {}, roles, succinct, days, more }: ListWishes): Json {
    const delegated = roles?.map((each) => ({ ...role, terminating: false, ...each }));
    const delegations = {
      keys,
      ...(delegated && { roles: delegated }),
      ...(succinct && { succinct_roles: { ...role, ...succinct } }),
    };
    const isTree = roles !== undefined || succinct !== undefined;
    return { ...common('targets', days), targets, ...(isTree && { delegations }), ...more };
  }

  return {
    folder,
    root(): Buffer {
      const roles = Object.fromEntries(['root', 'timestamp', 'snapshot', 'targets'].map((name) => [name, role]));
      const signed = { ...common('root', 365), version: 1, consistent_snapshot: true, keys, roles };
      return Buffer.from(JSON.stringify({ signatures: [{ keyid: key.id, sig: key.sign(canonical(signed)) }], signed }));
    },
    write(lists: Readonly<Record<string, ListWishes>>): void {
      edition += 1;
      const meta: Record<string, Json> = {};
      for (const [name, wishes] of Object.entries(lists)) {
        const file = put(
          `${edition}.${encodeURIComponent(name)}.json`,
          listOf(wishes),
          wishes.stranger ? stranger : key,
        );
        if (!wishes.unlisted) meta[`${name}.json`] = file;
      }
      const snapshot = put(`${edition}.snapshot.json`, { ...common('snapshot'), meta });
      put('timestamp.json', { ...common('timestamp'), meta: { 'snapshot.json': snapshot } });
    },
  };
}
