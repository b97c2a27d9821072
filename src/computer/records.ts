import type { Dirent } from 'node:fs';
import { readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { OpenRecord } from '../protocol/commitment.ts';
import { SpacepackError, toSpacepackError } from '../protocol/errors.ts';
import { isText, oneOf, orNull, parseJson, textLike, whole, withFields } from '../protocol/shapes.ts';
import { errnoOf } from './errno.ts';
import { readOwnIfThere, removeOwn, requireOwnFolder, syncOwnFolder, writeWhole } from './own-disk.ts';
import { fileNameOf, openStateFolder } from './state-directory.ts';

/** This user's open records on this computer. Every verb rejects with `own-disk`. */
export interface RecordStore {
  /** All of them, the newest first. */
  list(): Promise<readonly OpenRecord[]>;
  /** Proves that a record can be saved; changes nothing. */
  prepare(): Promise<void>;
  /** Durable before it resolves. */
  save(record: OpenRecord): Promise<void>;
  /** The one with this nonce. */
  close(nonce: string): Promise<void>;
}

const FORMAT = 3;
const FOLDER = 'records';

/** Whether a record that keeps its form makes sense to the family of its device. */
type IsUnderstood = (record: OpenRecord) => boolean;

/**
 * Open records, one JSON file each, `SERIAL.NONCE.json` (protocol §10.1): two devices may have the same serial. This is
 * the computer's own disk: a rename is atomic here, and the right tool.
 *
 * A record that cannot be understood counts as none, because without it the device is still asked first and a present
 * trigger is still respected. `notice` reports it, and before the next commit it is set aside as `NAME.json.unreadable`
 * instead of lost. If a record cannot be *read*, or others could have changed it, nobody knows what is open, and every
 * verb rejects. Listing changes nothing.
 */
export function createRecordStore(
  stateDirectory: () => Promise<string>,
  notice: (text: string) => void = () => undefined,
  isUnderstood: IsUnderstood = () => true,
): RecordStore {
  const folder = async (): Promise<string> => join(await stateDirectory(), FOLDER);
  return {
    list: () => asOwnDisk('reading the records', async () => list(await folder(), isUnderstood, notice)),
    prepare: () => asOwnDisk('making room for a record', async () => prepare(await stateDirectory(), isUnderstood)),
    save: (record) => asOwnDisk('saving a record', async () => save(await folder(), record)),
    close: (nonce) => asOwnDisk('closing a record', async () => close(await folder(), isUnderstood, nonce)),
  };
}

async function list(
  folder: string,
  isUnderstood: IsUnderstood,
  notice: (text: string) => void,
): Promise<readonly OpenRecord[]> {
  const { kept, damaged } = await readAll(folder, isUnderstood);
  for (const path of damaged) notice(`The record of an earlier update cannot be understood: ${path}`);
  return kept.map(({ record }) => record).sort((one, other) => (one.committedAt < other.committedAt ? 1 : -1));
}

interface Kept {
  readonly path: string;
  readonly record: OpenRecord;
}

async function readAll(
  folder: string,
  isUnderstood: IsUnderstood,
): Promise<{ readonly kept: readonly Kept[]; readonly damaged: readonly string[] }> {
  const kept: Kept[] = [];
  const damaged: string[] = [];
  for (const entry of await entriesOf(folder)) {
    if (!entry.name.endsWith('.json')) continue;
    const path = join(folder, entry.name);
    const bytes = entry.isFile() ? await readOwnIfThere(path) : Buffer.alloc(0);
    if (bytes === null) continue;
    const record = parseRecord(bytes.toString('utf8'));
    const isWhole =
      record !== null && isUnderstood(record) && entry.name.startsWith(`${await fileNameOf(record.serial ?? '')}.`);
    if (isWhole) kept.push({ path, record });
    else damaged.push(path);
  }
  return { kept, damaged };
}

/** No folder means no records. */
async function entriesOf(folder: string): Promise<readonly Dirent[]> {
  try {
    await requireOwnFolder(folder);
    return await readdir(folder, { withFileTypes: true });
  } catch (thrown) {
    if (errnoOf(thrown) === 'ENOENT') return [];
    throw thrown;
  }
}

async function prepare(stateDirectory: string, isUnderstood: IsUnderstood): Promise<void> {
  const folder = await openStateFolder(stateDirectory, FOLDER);
  for (const path of (await readAll(folder, isUnderstood)).damaged) await rename(path, `${path}.unreadable`);
  const path = join(folder, `.probe-${process.pid}`);
  await writeWhole(path, 'can be written\n');
  await removeOwn(path);
}

async function save(folder: string, record: OpenRecord): Promise<void> {
  const text = `${JSON.stringify({ format: FORMAT, ...record }, null, 2)}\n`;
  await writeWhole(join(folder, `${await fileNameOf(record.serial ?? '')}.${record.nonce}.json`), text);
}

async function close(folder: string, isUnderstood: IsUnderstood, nonce: string): Promise<void> {
  const closed = (await readAll(folder, isUnderstood)).kept.filter(({ record }) => record.nonce === nonce);
  for (const { path } of closed) await removeOwn(path);
  if (closed.length > 0) await syncOwnFolder(folder);
}

/** A record from its file's text; `null` if its format is wrong in any way. */
export function parseRecord(text: string): OpenRecord | null {
  const stored = parseJson(text, isStored);
  return stored && withoutFormat(stored);
}

type Stored = OpenRecord & { readonly format: typeof FORMAT };

function withoutFormat({ format: _, ...record }: Stored): OpenRecord {
  return record;
}

const isStored = withFields<Stored>({
  format: oneOf(FORMAT),
  port: orNull(isText),
  timing: withFields({ quietMs: whole(0), quietDirtyMs: whole(0), maxAwayMs: whole(0) }),
  serial: orNull(isText),
  action: oneOf('install', 'ping'),
  nonce: textLike(/^[0-9a-f]{32}$/i),
  memory: (value): value is unknown => value !== undefined,
  family: textLike(/./s),
  newImage: orNull(isText),
  oldImage: orNull(isText),
  fromVersion: orNull(isText),
  toVersion: orNull(isText),
  committedAt: isText,
});

/** Says what we were doing when the computer's own disk failed: nothing may be committed without a record. */
async function asOwnDisk<T>(doing: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    const { code, message } = toSpacepackError(thrown);
    if (thrown instanceof SpacepackError || code !== 'own-disk') throw thrown;
    throw new SpacepackError('own-disk', `${doing}: ${message}`, { cause: thrown });
  }
}
