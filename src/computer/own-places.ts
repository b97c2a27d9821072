import { isAbsolute } from 'node:path';
import { SpacepackError } from '../protocol/errors.ts';

/** The system's places for one program's files of this user: absolute paths. */
export interface OwnPlaces {
  readonly data: string;
  readonly config: string;
  readonly cache: string;
  readonly log: string;
}

/**
 * Asks the environment for them. Rejects with `own-disk` if it gives a relative path, as an empty HOME does: that would
 * be below the current folder, perhaps on the device itself, and somewhere else in the next run.
 */
export async function ownPlaces(): Promise<OwnPlaces> {
  const { default: envPaths } = await import('env-paths');
  const places = envPaths('spacepack', { suffix: '' });
  for (const path of Object.values(places)) {
    if (isAbsolute(path)) continue;
    throw new SpacepackError('own-disk', `Expected an absolute path to this user's folder, found ${path}.`, {
      remedy:
        'Set HOME, and XDG_DATA_HOME and similar variables if you use them, to absolute paths; or choose other folders with ' +
        'SPACEPACK_STATE_DIR and SPACEPACK_CONFIG_DIR.',
    });
  }
  return places;
}
