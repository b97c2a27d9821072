import { isAbsolute } from 'node:path';
import { SpacepackError } from '../protocol/errors.ts';

/** The system's places for a user's files of one program each: absolute paths. */
export interface OwnPlaces {
  readonly data: string;
  readonly config: string;
  readonly cache: string;
  readonly log: string;
}

/**
 * Asks the environment for them. Rejects with `own-disk` where it says a relative path, as an empty HOME does: that would be a folder
 * of wherever this process stands, perhaps on the device itself, and another one for the next run.
 */
export async function ownPlaces(): Promise<OwnPlaces> {
  const { default: envPaths } = await import('env-paths');
  const places = envPaths('spacepack', { suffix: '' });
  for (const path of Object.values(places)) {
    if (isAbsolute(path)) continue;
    throw new SpacepackError('own-disk', `Expected an absolute path to a folder of this user's, found ${path}.`, {
      remedy:
        'Set HOME, and XDG_DATA_HOME and its like if they are set, to absolute paths; or choose other folders with ' +
        'SPACEPACK_STATE_DIR and SPACEPACK_CONFIG_DIR.',
    });
  }
  return places;
}
