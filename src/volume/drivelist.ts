import { startOf, thisHome } from '../computer/system-programs.ts';
import { memberOf } from '../protocol/shapes.ts';

/** A disk as drivelist knows it: enough to decide which ones to examine. */
export interface ListedDisk {
  /** `/dev/sdb`, `/dev/disk4`, `\\.\PhysicalDrive1`. */
  readonly device: string;
  /** USB, a card reader, or removable in another way. */
  readonly external: boolean;
}

export type Enumerate = () => Promise<readonly ListedDisk[]>;

// Named by a variable, so that this compiles without the optional dependency.
const NAME = 'drivelist';

/**
 * Asks drivelist. Rejects if it is not installed, as is usual, or its native part was not built: npm 12 and Homebrew skip
 * install scripts, and the package then throws on import, even on systems that do not use that part.
 */
export const drivelistOnce: Enumerate = () => askDrivelist(() => import(NAME));

/** The same, for a package that is loaded by `load`. */
export async function askDrivelist(load: () => Promise<unknown>): Promise<readonly ListedDisk[]> {
  const loaded = await load().catch((thrown: unknown) => {
    throw memberOf(thrown, 'code') === 'ERR_MODULE_NOT_FOUND' ? new Error('it is not installed') : thrown;
  });
  const list = memberOf(memberOf(loaded, 'default'), 'list') ?? memberOf(loaded, 'list');
  if (typeof list !== 'function') throw new TypeError('expected drivelist to have a function list');
  const disks: unknown = await inSafePath(async () => list());
  if (!Array.isArray(disks)) throw new TypeError('expected drivelist to answer with an array');
  return disks.map(listedDisk).filter((disk) => disk !== null);
}

/**
 * On Linux drivelist starts lsblk by its name, and so by the PATH of this process, which may lead into the current folder
 * or, with `sudo`, to programs of a user. Meanwhile it is the one that our own programs are looked up in.
 */
async function inSafePath<T>(work: () => Promise<T>): Promise<T> {
  const path = startOf('lsblk', thisHome())?.path ?? null;
  const { PATH } = process.env;
  if (path === null) return work();
  process.env['PATH'] = path;
  try {
    return await work();
  } finally {
    if (PATH === undefined) delete process.env['PATH'];
    else process.env['PATH'] = PATH;
  }
}

function listedDisk(value: unknown): ListedDisk | null {
  const device = memberOf(value, 'device');
  if (typeof device !== 'string' || memberOf(value, 'isVirtual') === true) return null;
  const external = ['isUSB', 'isUAS', 'isCard', 'isRemovable'].some((mark) => memberOf(value, mark) === true);
  return { device, external };
}
