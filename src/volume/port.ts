import type { Clock } from '../computer/clock.ts';
import type { LockStore } from '../computer/locks.ts';
import type { RecordStore } from '../computer/records.ts';
import type { Drive, MountedVolume, Volume } from '../protocol/sight.ts';
import type { FlashWitness } from './flash.ts';

export type { Flash, FlashOpened, FlashWitness } from './flash.ts';

/** An entry of a folder. Names come from the card: never print one uncleaned. */
export interface FolderEntry {
  readonly name: string;
  readonly kind: 'file' | 'folder' | 'other';
  readonly sizeBytes: number;
}

/**
 * How the payload was read back. `direct`: past the host's cache (O_DIRECT); `uncached`: after the cached pages were
 * dropped; `remounted`: from a new mount; `cached`: the host's cache may have answered, which proves less.
 */
export type ReadBackKind = 'direct' | 'uncached' | 'remounted' | 'cached';

/** Bytes of a file: up to `lengthBytes` from `offset` on. */
export interface FilePart {
  readonly offset: number;
  readonly lengthBytes: number;
}

export interface PartRead {
  readonly kind: ReadBackKind;
  /** Fewer than asked for where the file is shorter; `null`: there is no entry of that name. */
  readonly bytes: Uint8Array | null;
  /** The volume as it is mounted now: another mount than before if `kind` is `remounted`. */
  readonly volume: MountedVolume;
}

export interface ReadBack {
  readonly kind: ReadBackKind;
  /** SHA-256 over the file's bytes, 64 lower-case hexadecimal digits. */
  readonly sha256: string;
  readonly sizeBytes: number;
  /** The volume as it is mounted now: another mount than before if `kind` is `remounted`. */
  readonly volume: MountedVolume;
}

export interface WriteOptions {
  /** Bytes between two fsyncs of the file; up to 16 times as many while each is quick. */
  readonly syncBytes: number;
  /** Give up with `volume-stalled` after this many ms in which no byte became durable. */
  readonly stallMs: number;
  /** Called after each fsync with the number of the file's bytes that are on the device. */
  readonly onDurable?: (bytes: number) => void;
  readonly signal?: AbortSignal;
  /** Writes over an existing file in place, neither creating nor shortening it. */
  readonly isOver?: boolean;
}

/**
 * Everything the engine may do with disks. Implementers promise:
 *
 * - Paths are relative to the volume's root, with `/` between names. No link is ever followed.
 * - Every verb that takes a MountedVolume first asserts that the mount is still the same mount of the same attachment,
 *   and rejects with `volume-gone` if it is not. Nothing is ever written to a stale directory.
 * - Rejections are SpacepackErrors with one of the codes `volume-*` or `listing-failed`; a remedy names the system's
 *   way.
 * - No verb hangs forever: each gives up by itself with `volume-stalled`.
 */
export interface VolumePort {
  /** Takes a new look. Rejects with `listing-failed`, which means "not known", never "everything left". */
  list(): Promise<readonly Drive[]>;

  /**
   * How many changes of drives and mounts have been noticed. Ask before a look, and pass it to `changed` afterwards.
   */
  changeCount(): number;

  /**
   * Resolves when something may have changed since `changeCount` was `since`, or after `ms`. A hint, never proof.
   * Aborting resolves it too.
   */
  changed(since: number, ms: number, signal?: AbortSignal): Promise<void>;

  /**
   * Mounts a volume that is present but not mounted; `readOnly` writes nothing to the card, not even its dirty mark.
   * Rejects with `volume-not-mounted` and the system's remedy.
   */
  mount(drive: Drive, volume: Volume, options?: { readonly readOnly?: boolean }): Promise<void>;

  /**
   * Unmounts the volume wherever it is mounted, which flushes all caches, and resolves with the paths where it was
   * mounted. Rejects with `volume-permission`, or with `volume-busy` naming who holds it.
   */
  release(volume: MountedVolume): Promise<readonly string[]>;

  /**
   * Keeps every other run, of any user and in any container, from writing to this volume until the result is called or
   * the process ends. Give it back before `release`, which it would block. Rejects with `device-locked`.
   */
  hold(volume: MountedVolume): Promise<() => Promise<void>>;

  /** What a person types on this system to check and repair the card's file system, as one sentence. */
  checkCommand(volume: MountedVolume): string;

  /** The entries of a folder, the root for an empty name; `null` if there is none of that name. */
  entries(volume: MountedVolume, folder: string): Promise<readonly FolderEntry[] | null>;

  /** The first `limitBytes` of a regular file; `null` if there is no entry of that name. */
  read(volume: MountedVolume, path: string, limitBytes: number): Promise<Uint8Array | null>;

  /**
   * Creates a file exclusively under its final name and makes it durable: the data and the entry in its folder.
   * Existing names reject with `volume-foreign`. Resolves with the bytes written. A rejection has `noEffect` if, and
   * only if, no byte was handed to the system, because the file could not be created.
   */
  write(volume: MountedVolume, path: string, data: AsyncIterable<Uint8Array>, options: WriteOptions): Promise<number>;

  /** Reads a whole file, past the host's cache if the system allows it. */
  readBack(volume: MountedVolume, path: string, onBytes?: (bytes: number) => void): Promise<ReadBack>;

  /**
   * Reads part of a file, past the host's cache if the system allows it: to see what the device shows now.
   */
  readPart(volume: MountedVolume, path: string, part: FilePart): Promise<PartRead>;

  /** Removes a file, if it exists, and makes that durable. */
  remove(volume: MountedVolume, path: string): Promise<void>;

  freeBytes(volume: MountedVolume): Promise<number>;
}

/**
 * Everything outside the engine, handed in as one value, so that a simulated world and the real one look the same to
 * it.
 */
export interface Environment {
  readonly volumes: VolumePort;
  /** Missing: no device shows its flash memory here. */
  readonly flash?: FlashWitness;
  readonly clock: Clock;
  readonly records: RecordStore;
  readonly locks: LockStore;
  /** Cryptographically random bytes. */
  random(bytes: number): Uint8Array;
  /** Wall time, for records and logs only. */
  date(): Date;
}
