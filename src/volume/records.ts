import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf } from '../errno.ts';
import { readIfThere, removeOwn, syncOwnFolder, writeWhole } from '../own-disk.ts';
import { SpacepackError } from '../protocol/errors.ts';
import type { OpenRecord, RecordStore } from './port.ts';
import { fileNameOf, openStateFolder } from './state-directory.ts';

const FORMAT = 1;

/**
 * Open records as one JSON file a serial (protocol §10.1). This is the computer's own disk: a rename is atomic here, and right.
 *
 * A record that cannot be understood counts as none, for without it the device is still asked first and a present trigger is
 * still respected; it is set aside as `NAME.json.unreadable` instead of lost, and `notice` is told.
 */
export function createRecordStore(
  stateDirectory: () => Promise<string>,
  notice: (text: string) => void = () => undefined,
): RecordStore {
  const folder = async (): Promise<string> => openStateFolder(await stateDirectory(), 'records');
  return {
    load: (serial) => onOwnDisk('reading a record', async () => load(await folder(), serial, notice)),
    save: (record) => onOwnDisk('saving a record', async () => save(await folder(), record)),
    close: (serial) => onOwnDisk('closing a record', async () => close(await folder(), serial)),
  };
}

async function pathOf(folder: string, serial: string): Promise<string> {
  return join(folder, `${await fileNameOf(serial)}.json`);
}

async function load(folder: string, serial: string, notice: (text: string) => void): Promise<OpenRecord | null> {
  const path = await pathOf(folder, serial);
  const bytes = await readIfThere(path);
  if (bytes === null) return null;
  const record = parseRecord(bytes.toString('utf8'));
  if (record !== null && record.serial === serial) return record;
  const aside = `${path}.unreadable`;
  await rename(path, aside);
  notice(`The record of an earlier update could not be understood; it was set aside as ${aside}`);
  return null;
}

async function save(folder: string, record: OpenRecord): Promise<void> {
  const text = `${JSON.stringify({ format: FORMAT, ...record }, null, 2)}\n`;
  await writeWhole(await pathOf(folder, record.serial), text);
}

async function close(folder: string, serial: string): Promise<void> {
  await removeOwn(await pathOf(folder, serial));
  await syncOwnFolder(folder);
}

/** A record from its file's text; `null` if it breaks the form in any way. */
export function parseRecord(text: string): OpenRecord | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  return isStored(value) ? withoutFormat(value) : null;
}

type Stored = OpenRecord & { readonly format: typeof FORMAT };

function withoutFormat({ format: _, ...record }: Stored): OpenRecord {
  return record;
}

const HOLDS: { readonly [Key in keyof Stored]: (value: unknown) => boolean } = {
  format: (value) => value === FORMAT,
  serial: isText,
  action: (value) => value === 'install' || value === 'ping',
  nonce: (value) => isText(value) && /^[0-9a-f]{32}$/i.test(value),
  bootCount: (value) => Number.isSafeInteger(value) && Number(value) >= 0,
  session: (value) => isText(value) && /^[0-9a-f]{16}$/i.test(value),
  newImage: isTextOrNull,
  oldImage: isTextOrNull,
  fromVersion: isTextOrNull,
  toVersion: isTextOrNull,
  committedAt: isText,
};

function isStored(value: unknown): value is Stored {
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(HOLDS).every(([key, holds]) => holds(Reflect.get(value, key)));
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isTextOrNull(value: unknown): boolean {
  return value === null || isText(value);
}

/** A failure of the computer's own disk is none of the volume's: nothing may be committed without a record. */
async function onOwnDisk<T>(doing: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    const errno = errnoOf(thrown);
    if (errno === null) throw thrown;
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    throw new SpacepackError('unexpected', `${doing} on this computer's own disk: ${message}`, {
      cause: thrown,
      remedy: 'Make room and check the permissions there, or choose another folder with SPACEPACK_STATE_DIR.',
    });
  }
}
