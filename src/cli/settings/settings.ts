import { dirname, isAbsolute, join } from 'node:path';
import { type AgentSettings, readAgentTable } from '../../agent/agent-settings.ts';
import { errnoOf } from '../../computer/errno.ts';
import { readText } from '../../computer/own-disk.ts';
import { ownPlaces } from '../../computer/own-places.ts';
import { asTyped } from '../../computer/working-folder.ts';
import { SpacepackError, toSpacepackError } from '../../protocol/errors.ts';
import type { Io } from '../io/io.ts';
import { readToml } from './read-toml.ts';
import { findLine } from './settings-lines.ts';

/** A user's permanent choices, from `settings.toml`. */
export interface Settings {
  /** The path of the file, whether it exists or not. */
  readonly path: string;
  readonly exists: boolean;
  /** Files with public keys of makers, absolute. */
  readonly keys: readonly string[];
  /** Profiles of devices of one's own, and folders of them, absolute. */
  readonly profiles: readonly string[];
  /** The longest that a run may take, in s; `null`: the engine's default. */
  readonly timeoutSeconds: number | null;
  /** The table `[agent]`: what the login item does. */
  readonly agent: AgentSettings;
}

/** The folder for settings: `SPACEPACK_CONFIG_DIR`, else the system's place for a user's configuration. */
export async function settingsFolder({ variables }: Pick<Io, 'variables'>): Promise<string> {
  const chosen = variables['SPACEPACK_CONFIG_DIR'];
  if (chosen) return asTyped(chosen);
  return (await ownPlaces()).config;
}

function invalid(where: string, what: string, cause?: unknown): SpacepackError {
  const remedy = `Fix or remove ${where}.`;
  return new SpacepackError('usage', `${where}: ${what}`, { cause, remedy });
}

/** The file and the line in which a key is set, for messages. */
function placeOf(path: string, text: string, key: string | null, table: string | null = null): string {
  const index = findLine(text, table, key);
  // A table without a header is written as a key; a key that is not in its usual place belongs to a table.
  if (index < 0 && table !== null) return key === null ? placeOf(path, text, table) : placeOf(path, text, null, table);
  return index < 0 ? path : `${path}:${index + 1}`;
}

function readAgent(path: string, text: string, table: unknown): AgentSettings {
  const read = readAgentTable(table);
  if ('why' in read) throw invalid(placeOf(path, text, read.key, 'agent'), `${read.why}.`);
  return read;
}

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string' && item !== '');

/** Settings from the text of their file. Throws `usage`, naming file and line. */
export async function parseSettings(path: string, text: string): Promise<Settings> {
  // Most people have no settings.
  const table: Readonly<Record<string, unknown>> = text === '' ? {} : await readToml(path, text, invalid);
  const { keys = [], profiles = [], timeout = null, agent = {}, ...unknown } = table;
  const surplus = Object.keys(unknown)[0];
  if (surplus !== undefined) {
    const place =
      placeOf(path, text, surplus) === path ? placeOf(path, text, null, surplus) : placeOf(path, text, surplus);
    throw invalid(place, `expected only "keys", "profiles", "timeout" and "agent", found "${surplus}".`);
  }
  if (!isTexts(keys)) throw invalid(placeOf(path, text, 'keys'), 'expected "keys" to be a list of files.');
  if (!isTexts(profiles)) throw invalid(placeOf(path, text, 'profiles'), 'expected "profiles" to be a list of paths.');
  if (timeout !== null && !(typeof timeout === 'number' && timeout > 0)) {
    throw invalid(placeOf(path, text, 'timeout'), 'expected "timeout" to be a number of seconds above 0.');
  }
  const folder = dirname(path);
  const absolute = (paths: readonly string[]): string[] =>
    paths.map((each) => (isAbsolute(each) ? each : join(folder, each)));
  return {
    path,
    exists: true,
    keys: absolute(keys),
    profiles: absolute(profiles),
    timeoutSeconds: timeout,
    agent: readAgent(path, text, agent),
  };
}

/**
 * The user's settings; without a file none of them is set. Rejects with `usage` if the file cannot be understood, and
 * with `own-disk` if it cannot be read.
 */
export async function loadSettings(io: Pick<Io, 'variables'>): Promise<Settings> {
  const path = join(await settingsFolder(io), 'settings.toml');
  let text: string;
  try {
    text = await readText(path);
  } catch (thrown) {
    // ENOTDIR: a file is in the place of the folder. Whatever needs the folder reports that.
    if (['ENOENT', 'ENOTDIR'].includes(errnoOf(thrown) ?? '')) {
      return { ...(await parseSettings(path, '')), exists: false };
    }
    // A failing disk must not be reported as a command line that was not understood.
    throw toSpacepackError(thrown);
  }
  return parseSettings(path, text);
}
