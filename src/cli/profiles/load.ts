import { readdir, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { onOwnDisk, readText } from '../../computer/own-disk.ts';
import { asTyped } from '../../computer/working-folder.ts';
import { messageOf, SpacepackError } from '../../protocol/errors.ts';
import type { Family } from '../../protocol/family.ts';
import { profileFamily } from '../../protocol/profile/family.ts';
import { ProfileFault } from '../../protocol/profile/fields.ts';
import type { Profile } from '../../protocol/profile/profile.ts';
import { readProfile } from '../../protocol/profile/read.ts';
import { readToml } from '../settings/read-toml.ts';
import { lineOf } from './line-of.ts';

/** A profile and the file that it is from. */
export interface LoadedProfile {
  readonly path: string;
  readonly profile: Profile;
}

/** A profile is a page of text. */
const MOST_CHARACTERS = 100_000;

function invalid(where: string, what: string, cause: unknown): SpacepackError {
  return new SpacepackError('profile-invalid', `${where}: ${what}`, { cause });
}

async function valueIn(path: string, text: string): Promise<unknown> {
  if (extname(path).toLowerCase() === '.json') {
    try {
      return JSON.parse(text.replace(/^\ufeff/, ''));
    } catch (thrown) {
      throw invalid(path, `expected JSON, found this: ${messageOf(thrown)}.`, thrown);
    }
  }
  return readToml(path, text, invalid);
}

/** A profile from the text of its file. Rejects with `profile-invalid`, naming file, line and field. */
export async function parseProfile(path: string, text: string): Promise<Profile> {
  if (text.length > MOST_CHARACTERS) {
    throw invalid(path, `expected at most ${MOST_CHARACTERS} characters, found ${text.length}.`, null);
  }
  const value = await valueIn(path, text);
  try {
    return readProfile(value);
  } catch (thrown) {
    if (!(thrown instanceof ProfileFault)) throw thrown;
    const line = lineOf(text, thrown.field);
    const where = line === null ? path : `${path}:${line}`;
    throw invalid(where, thrown.field === '' ? thrown.message : `${thrown.field}: ${thrown.message}`, thrown);
  }
}

/** The files of a folder that can be profiles, by name; a file is itself. */
async function filesAt(path: string): Promise<readonly string[]> {
  const found = await onOwnDisk(path, () => stat(path));
  if (!found.isDirectory()) return [path];
  const names = await onOwnDisk(path, () => readdir(path));
  const files = names.filter((name) => /\.(toml|json)$/i.test(name)).sort();
  if (files.length === 0) throw new Error('a folder without .toml and .json files');
  return files.map((name) => join(path, name));
}

async function readAll(path: string): Promise<readonly LoadedProfile[]> {
  let texts: readonly (readonly [string, string])[];
  try {
    texts = await Promise.all(
      (await filesAt(asTyped(path))).map(async (file) => [file, await readText(file)] as const),
    );
  } catch (thrown) {
    if (thrown instanceof SpacepackError) throw thrown;
    throw invalid(path, `expected a profile or a folder of profiles, found ${messageOf(thrown)}.`, thrown);
  }
  return Promise.all(texts.map(async ([file, text]) => ({ path: file, profile: await parseProfile(file, text) })));
}

/**
 * The profiles in files and folders. Rejects with `profile-invalid`, naming what is wrong where, also for one whose id
 * another family or profile has.
 */
export async function loadProfiles(
  paths: readonly string[],
  families: readonly Family[],
): Promise<readonly LoadedProfile[]> {
  const all = (await Promise.all(paths.map(readAll))).flat();
  const places = new Map(families.map(({ id }) => [id, 'a family that is built in']));
  for (const { path, profile } of all) {
    const other = places.get(profile.id);
    if (other !== undefined) {
      throw invalid(path, `id: expected one that nobody else has, found "${profile.id}", which ${other} has.`, null);
    }
    places.set(profile.id, path);
  }
  return all;
}

/** The same as families. */
export async function profileFamilies(
  paths: readonly string[],
  families: readonly Family[],
): Promise<readonly Family[]> {
  return (await loadProfiles(paths, families)).map(({ profile }) => profileFamily(profile));
}
