import type { FileHandle } from 'node:fs/promises';
import type { Drive, MountedVolume, Volume } from '../protocol/sight.ts';
import type { Watched } from './watcher.ts';

/**
 * What differs between Linux, macOS, Windows and volumes that are plain folders. Everything else about files is shared.
 * Rejections are SpacepackErrors, as the port promises.
 */
export interface Platform {
  /** Looks anew. Rejects with `listing-failed`. */
  list(): Promise<readonly Drive[]>;

  /**
   * Whether the mount is still the same mount of the same attachment. `root` is the volume's root folder, opened before the
   * question was asked: with it the answer holds for all that is reached through that handle. Rejects, with the system's error or
   * `listing-failed`, if the look itself fails: that is "not known", never "gone".
   */
  holds(volume: MountedVolume, root: FileHandle | null): Promise<boolean>;

  mount(drive: Drive, volume: Volume, options: { readonly readOnly: boolean }): Promise<void>;
  /** The paths where it was mounted. */
  release(volume: MountedVolume): Promise<readonly string[]>;

  /** Locks an open folder for as long as it stays open, where the system can; `false`: somebody else has it locked. */
  lockFolder?(folder: FileHandle): Promise<boolean>;

  /** Unmounts and mounts again, where that is the way to a read that the cache cannot answer. */
  remount?(volume: MountedVolume): Promise<MountedVolume>;

  /** Free bytes, where a file system of its own does not tell. */
  freeBytes?(volume: MountedVolume): Promise<number>;

  /** A cheap fingerprint of drives and mounts; two that differ mean that something changed. Never opens a volume. */
  look(): Promise<string>;

  /** Where a change shows before a look finds it; empty where nothing can be watched. */
  watched(): Watched;
}
