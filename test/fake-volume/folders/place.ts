import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CardFacts } from '../cards/facts.ts';

/** What `ROOT/.drives/NAME.json` says of a drive: the contract with a host that takes folders for volumes. */
export interface DriveFile extends CardFacts {
  readonly usb: {
    readonly vendorId: number;
    readonly productId: number;
    readonly bcdDevice: number;
    readonly serial: string;
    readonly port: string;
    readonly revision: string;
  };
  readonly vendor: string;
  readonly product: string;
  readonly mediaName: string;
  readonly writeProtected: boolean;
  readonly freeBytes: number;
}

/**
 * The folder that is a card, and where it is: `ROOT/NAME` while mounted, `ROOT/.unmounted/NAME` while a host has released
 * it, else outside `root`. Every move is a rename, so that nobody sees half a card.
 */
export interface FolderPlace {
  /** Where the content is now. */
  path(): string;
  isMounted(): boolean;
  /** Onto the bus, under the label or, if that is taken, the label and a number. The drive file is there first. */
  arrive(drive: DriveFile, mounted: boolean): void;
  /** Off the bus; the drive file goes last. */
  leave(): void;
}

/** A card that is kept at `home`, on the file system of `root`, while it is off the bus. */
export function createFolderPlace(root: string, home: string): FolderPlace {
  const drives = join(root, '.drives');
  const unmounted = join(root, '.unmounted');
  let name: string | null = null;

  const place = (folder: string): string => (name === null ? home : join(folder, name));
  const path = (): string => [place(root), place(unmounted)].find((candidate) => existsSync(candidate)) ?? home;
  const isTaken = (candidate: string) =>
    [join(root, candidate), join(unmounted, candidate), join(drives, `${candidate}.json`)].some(existsSync);
  return {
    path,
    isMounted: () => name !== null && existsSync(join(root, name)),
    arrive(drive, mounted) {
      name = freeName(drive.label, isTaken);
      mkdirSync(drives, { recursive: true });
      mkdirSync(unmounted, { recursive: true });
      const file = join(drives, `${name}.json`);
      writeFileSync(`${file}.new`, `${JSON.stringify({ attachment: randomUUID(), ...drive }, null, 2)}\n`);
      renameSync(`${file}.new`, file);
      renameSync(home, join(mounted ? root : unmounted, name));
    },
    leave() {
      if (name === null) return;
      moveAway(path, home);
      rmSync(join(drives, `${name}.json`), { force: true });
      name = null;
    },
  };
}

function freeName(label: string, isTaken: (name: string) => boolean): string {
  let name = label;
  for (let count = 1; isTaken(name); count += 1) name = `${label} ${count}`;
  return name;
}

/** A host may move the folder at the same moment, to mount or to release it: then it is found at its other place. */
function moveAway(path: () => string, home: string): void {
  for (let attempt = 1; !existsSync(home); attempt += 1) {
    try {
      renameSync(path(), home);
    } catch (thrown) {
      if (attempt === 5) throw thrown;
    }
  }
}
