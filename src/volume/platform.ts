import type { FileHandle } from 'node:fs/promises';
import type { Drive, MountedVolume, Volume } from '../protocol/sight.ts';
import type { Watched } from './watcher.ts';

/**
 * What differs between Linux, macOS, Windows and volumes that are plain folders. Everything else about files is shared.
 * Rejections are SpacepackErrors, as the port promises.
 */
export interface Platform {
  /** Takes a new look. Rejects with `listing-failed`. */
  list(): Promise<readonly Drive[]>;

  /**
   * Whether the mount is still the same mount of the same attachment. `root` is the volume's root folder, opened before
   * the call: with it, the answer holds for everything reached through that handle. Rejects with the system's error or
   * `listing-failed` if the check itself fails: that means "not known", never "gone".
   */
  holds(volume: MountedVolume, root: FileHandle | null): Promise<boolean>;

  mount(drive: Drive, volume: Volume, options: { readonly readOnly: boolean }): Promise<void>;
  /** The paths where it was mounted. */
  release(volume: MountedVolume): Promise<readonly string[]>;

  /** Locks an open folder for as long as it stays open, if the system can; `false`: somebody else has locked it. */
  lockFolder?(folder: FileHandle): Promise<boolean>;

  /** Unmounts and mounts again, on systems where only that gives a read past the cache. */
  remount?(volume: MountedVolume): Promise<MountedVolume>;

  /** Free bytes, if the volume has no file system of its own to ask. */
  freeBytes?(volume: MountedVolume): Promise<number>;

  /** A cheap fingerprint of drives and mounts: if two differ, something changed. Never opens a volume. */
  look(): Promise<string>;

  /** Where a change shows up before a look finds it; empty if nothing can be watched. */
  watched(): Watched;
}
