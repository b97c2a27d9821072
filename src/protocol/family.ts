import type { Commitment, Trace } from './commitment.ts';
import type { DeviceInfo } from './device-info.ts';
import type { SpacepackError } from './errors.ts';
import type { Found, FoundBytes, Parsed } from './found.ts';
import type { ImageFacts, ImageRecipe, ImageReport, TrustedKey } from './image-facts.ts';
import type { Drive, Volume } from './sight.ts';

/** Waits without progress, in ms. */
export interface Patience {
  /** For a refusal of the card to be believed: a drive that has just come shows no medium, or no partitions, at first. */
  readonly settleMs: number;
  /** For a drive that is there to become mounted by the system, before we mount it ourselves. */
  readonly mountMs: number;
  /** For a torn file of the device's to heal. */
  readonly tornMs: number;
  /** For a write to become durable; a silent stick that the kernel resets needs 32 s. */
  readonly stallMs: number;
  /** Beyond the device's own quiet window, for it to leave. */
  readonly leaveMs: number;
  /** Beyond `Timing.maxAwayMs`, for it to return and be mounted. */
  readonly returnMs: number;
  /** For a final answer after the return. */
  readonly answerMs: number;
}

/** A file of the device's that is read. */
export interface ReadableFile {
  /** Within the volume, with `/` between names. */
  readonly path: string;
  /** A longer one is no such file. */
  readonly limitBytes: number;
}

/** What the device's other two files hold. */
export interface Witnesses {
  readonly answer: FoundBytes;
  readonly trigger: FoundBytes;
}

/** What is to be committed. */
export type Wanted =
  | { readonly action: 'ping' }
  | { readonly action: 'install'; readonly image: ImageFacts; readonly allowDowngrade: boolean };

/** A commit as it lies on a device that has not acted on it yet. */
export interface LiveCommit<Memory = unknown> {
  readonly action: Commitment['action'];
  readonly nonce: string;
  /** Of the payload, 64 lower-case hexadecimal digits; `null`: it does not say. */
  readonly sha256: string | null;
  readonly memory: Memory;
}

/** What a device answered to the last install, for people and programs. */
export interface LastAnswer {
  readonly state: string;
  readonly code: string;
  readonly from: string | null;
  readonly to: string | null;
  /** Not cleaned. */
  readonly detail: string;
}

/** SHA-256 of what was fed to it. */
export interface Hasher {
  update(bytes: Uint8Array): unknown;
  copy(): Hasher;
  digest(): Uint8Array;
}

/** Takes a file of known size piece by piece; then says what it found. */
export interface ImageScanner {
  take(chunk: Uint8Array): void;
  finish(keys: readonly TrustedKey[]): ImageReport;
}

/** The files that a family's makers publish. Pure: hashing is handed in. */
export interface ImageFormat {
  /** Without the dot. */
  readonly extension: string;
  /** Whether a file that begins so may be one; 32 bytes, or all that there are. */
  recognises(head: Uint8Array): boolean;
  createScanner(sizeBytes: number, sha256: () => Hasher): ImageScanner;
  /** Makes a file from its parts. Throws `usage` for parts of which none can be made. */
  create(recipe: ImageRecipe, sha256: () => Hasher): Uint8Array;
}

/**
 * A device family as a value: the engine owns the order of things, the family owns the facts. All of it is pure. What it keeps as
 * `Own` and `Memory` only it understands: it is given back what it gave itself.
 */
export interface Family<Own = unknown, Memory = unknown> {
  /** An interface for programs: it stands in events, records and releases. */
  readonly id: string;
  /** For people. */
  readonly name: string;
  readonly usb: readonly { readonly vendorId: number; readonly productId: number }[];
  /** What the device says of itself in SCSI INQUIRY, without the blanks that pad it; case is not regarded. */
  readonly inquiry: { readonly vendor: string; readonly product: string };
  /** What `DeviceInfo.model` must be, where it is told. */
  readonly model: string;
  /** Where all its files lie. */
  readonly folder: string;
  /** Which of its files lies where. The trigger is what commits. */
  readonly files: {
    readonly info: ReadableFile;
    /** `isAlwaysThere`: the device writes it at each start, so that one that is missing tells of a damaged card. */
    readonly answer: ReadableFile & { readonly isAlwaysThere: boolean };
    readonly trigger: ReadableFile;
    /** Where a payload is staged before the trigger is written; `null`: the trigger is the payload. */
    readonly payload: { readonly path: string } | null;
  };
  readonly write: {
    /** Bytes between two fsyncs of the payload: a long fsync lets the kernel write an entry of size 0 in between. */
    readonly syncBytes: number;
    /** Free space wanted beside the payload, for clusters of the entry, the trigger and the folder. */
    readonly spareBytes: number;
  };
  readonly patience: Patience;
  /** Usual time off the bus in ms, for the progress display only. */
  readonly usualAwayMs: number;
  /** The maker's public keys, PEM (SubjectPublicKeyInfo, Ed25519); empty: the maker has published none. */
  readonly publicKeys: readonly string[];
  readonly images: ImageFormat;

  /**
   * The volume of a drive that the files lie on; `null` while the system still reads the card. Throws `card-*` for a card that the
   * device cannot use.
   */
  controlVolume(drive: Drive): Volume | null;
  /** What a drive hints at of what runs, without a file being opened: for people, and never proof. `null`: nothing. */
  hintOf(drive: Drive): string | null;

  /** Reads who the device is and what runs. */
  parseInfo(bytes: Uint8Array): Parsed<DeviceInfo<Own>>;
  /** Why nothing can be committed to such a device by this version of spacepack; `null`: it can. */
  obstacle(info: DeviceInfo<Own>): SpacepackError | null;
  /** How the files contradict what the drive says by itself, so that they are of a time before; `null`: they do not, or it does not tell. */
  stalenessOf(info: DeviceInfo<Own>, drive: Drive): string | null;
  /** The last answer to an install that is of the present time; `null`: none. */
  lastAnswer(info: DeviceInfo<Own>, answer: Uint8Array): LastAnswer | null;

  /**
   * Whether an image may go to a device. `current`: this very image runs already. Throws `image-*` or `battery-low`. Asked only where
   * there is no `obstacle`.
   */
  checkFit(image: ImageFacts, info: DeviceInfo<Own>, allowDowngrade: boolean): 'current' | 'fits';
  /** What the family will want to know of a commit, and the trigger that makes it; `null`: the payload itself. */
  commit(
    wanted: Wanted,
    info: DeviceInfo<Own>,
    nonce: string,
  ): { readonly memory: Memory; readonly trigger: Uint8Array | null };
  /** The commit that the device has not acted on yet, and will; `null`: there is none. */
  liveCommit(info: DeviceInfo<Own>, trigger: FoundBytes): LiveCommit<Memory> | null;
  /** Whether a payload and a trigger that lie there can be removed, because nobody will act on them any more. */
  isInert(info: Found<DeviceInfo<Own>>, trigger: FoundBytes): boolean;

  /** What became of a commit, as far as its files tell. */
  trace(commitment: Commitment<Memory>, info: DeviceInfo<Own>, witnesses: Witnesses): Trace;
  /** Whether one commit to a device came after another: what was begun later was begun once the other had ended. */
  isLater(one: Memory, other: Memory): boolean;
  /** What the family kept of a commit, from a record; `null`: it breaks the form. */
  parseMemory(value: unknown): Memory | null;
}
