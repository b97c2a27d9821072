import { join } from 'node:path';
import { makeOwnFolder, requireOwnFolder } from './own-disk.ts';
import { ownPlaces } from './own-places.ts';
import { asTyped } from './working-folder.ts';

/**
 * Where records live: `SPACEPACK_STATE_DIR`, else the system's folder for a user's application data
 * (`~/.local/share/spacepack`, `~/Library/Application Support/spacepack`, `%LOCALAPPDATA%\spacepack\Data`).
 */
export async function defaultStateDirectory(): Promise<string> {
  const chosen = process.env['SPACEPACK_STATE_DIR'];
  if (chosen) return asTyped(chosen);
  return (await ownPlaces()).data;
}

/**
 * A folder with this name below the state directory, created if missing, for this user only. Rejects with `own-disk` if
 * others can write to it.
 */
export async function openStateFolder(stateDirectory: string, name: string): Promise<string> {
  const path = await makeOwnFolder(join(stateDirectory, name));
  await requireOwnFolder(path);
  return path;
}

/**
 * A file name for a serial number, which comes from the device: its harmless part for people, and a hash that separates
 * serials whose harmless parts are equal, or equal on a file system that ignores case.
 */
export async function fileNameOf(serial: string): Promise<string> {
  const { createHash } = await import('node:crypto');
  const plain = serial.replace(/[^A-Za-z0-9-]/g, '_').slice(0, 40);
  return `${plain}-${createHash('sha256').update(serial).digest('hex').slice(0, 16)}`;
}
