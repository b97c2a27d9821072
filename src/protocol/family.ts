import type { Commitment, Judgement, Trace } from './commitment.ts';
import type { DeviceInfo } from './device-info.ts';
import type { SpacepackError } from './errors.ts';
import type { Fault, FaultCode } from './faults.ts';
import type { Found, FoundBytes, Parsed } from './found.ts';
import type { ImageFacts, ImageRecipe, ScannedImage, TrustedKey } from './image-facts.ts';
import type { Drive, Volume } from './sight.ts';
import type { Looking, Working } from './steps.ts';

/** Waits without progress, in ms. */
export interface Patience {
  /** Before a refusal of the card is believed: a newly attached drive shows no medium, or no partitions, at first. */
  readonly settleMs: number;
  /** For the system to mount a drive that is present, before we mount it ourselves. */
  readonly mountMs: number;
  /** For a torn file of the device to become whole. */
  readonly tornMs: number;
  /** For a write to become durable; a silent stick that the kernel resets needs 32 s. */
  readonly stallMs: number;
  /** For the device to leave, beyond its own quiet window. */
  readonly leaveMs: number;
  /** For it to return and be mounted, beyond `Timing.maxAwayMs`. */
  readonly returnMs: number;
  /** For a final answer after the return. */
  readonly answerMs: number;
}

/** A file of the device that is read. */
export interface ReadableFile {
  /** Within the volume, with `/` between names. */
  readonly path: string;
  /** A longer file is not valid. */
  readonly limitBytes: number;
}

/** What the device's other files hold. */
export interface Witnesses {
  readonly answer: FoundBytes;
  readonly trigger: FoundBytes;
  /** Of `Family.files.others`, by path. */
  readonly others: ReadonlyMap<string, FoundBytes>;
}

/**
 * What a device does when it acts on a commit: it leaves and is attached anew, it takes its medium away and puts it back
 * while it stays attached, or it leaves and its drive comes back only if a person asks for it.
 */
export type ReturnKind = 'anew' | 'in-place' | 'never';

/**
 * How the flash memory compares with an image. `found`: a phrase that says where it differs. `unread`: nothing is known;
 * `why`: a clause.
 */
export type Comparison =
  | { readonly kind: 'holds' }
  | { readonly kind: 'differs'; readonly found: string }
  | { readonly kind: 'unread'; readonly why: string };

/**
 * How to program a device whose flash memory is written as files arrive and may be read on its drive: so all of it can be
 * proven before the commit.
 */
export interface Programming<Own = unknown, Memory = unknown> {
  /**
   * Compares the flash memory with an image before anything is written. `isUnfinished`: a run, with any image, ended in a
   * way that leaves open whether it was committed. Throws `image-*`.
   */
  survey(image: ImageFacts, info: DeviceInfo<Own>, isUnfinished: boolean): Looking<'current' | 'fits'>;
  /** Compares all of it, for a person who asks what the device holds. Throws `image-*`. */
  compare(image: ImageFacts, info: DeviceInfo<Own>): Looking<Comparison>;
  /**
   * Writes what goes before the commit; by then a record is open. `nonce`: of the commit, so that no file of an earlier
   * run has the same name. Returns what commits it, or a judgement of a device that took it wrongly.
   */
  program(image: ImageFacts, info: DeviceInfo<Own>, nonce: string): Working<Programmed<Memory> | Judgement>;
}

/**
 * What commits: these bytes as the trigger's file, the payload itself (`null`), or what shows the flash memory, which
 * lets the device leave (`reboot`; a step of the family has opened it).
 */
export type CommitMeans = Uint8Array | null | 'reboot';

/** A device that is ready to be committed to. */
export interface Programmed<Memory = unknown> {
  readonly trigger: CommitMeans;
  /** What there is to remember now; saved before the commit. */
  readonly memory: Memory;
  /** It may leave before it has confirmed the commit, so an error is as usual if it left. Default: it confirms first. */
  readonly leavesAtOnce?: boolean;
}

/** Something other than an update that a device does once a file of some name appears on it. */
export interface DeviceAction<Own = unknown> {
  /** An interface for programs and people. */
  readonly name: string;
  /** For people, as an order. */
  readonly description: string;
  readonly path: string;
  /** What it costs and how to come back, as sentences for people, who must agree to it; `null`: nothing. */
  readonly warning: string | null;
  /** Whether the device proves it by leaving for good. */
  readonly isLeaving: boolean;
  /** Why a device would not do it now; `null`: it would. */
  obstacle(info: DeviceInfo<Own>): SpacepackError | null;
  /** `acted`: it did something, but does not say with what result. */
  judge(before: DeviceInfo<Own>, after: DeviceInfo<Own>): 'done' | 'acted' | 'not-yet';
}

/** What a code means for the devices of a family, where the table of faults would say too much or too little. */
export type Words = Partial<Pick<Fault, 'meaning' | 'remedy'>>;

/** What to commit. */
export type Wanted =
  | { readonly action: 'ping' }
  | { readonly action: 'install'; readonly image: ImageFacts; readonly allowDowngrade: boolean };

/** A commit on a device that has not acted on it yet. */
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

/** A hash of the bytes passed to it. */
export interface Hasher {
  update(bytes: Uint8Array): unknown;
  copy(): Hasher;
  digest(): Uint8Array;
}

/** Takes a file of known size piece by piece; then says what it found. */
export interface ImageScanner {
  take(chunk: Uint8Array): void;
  finish(keys: readonly TrustedKey[]): ScannedImage;
}

/** A kind of file that makers publish; families may share it. Pure: hashing is handed in. */
export interface ImageFormat {
  /** For people, without an article; no two formats have the same. */
  readonly name: string;
  /** Without the dot. */
  readonly extension: string;
  /**
   * Whether a file that begins like this is an image. `maybe`: nothing speaks for it or against it, as in a raw binary.
   * `head`: 32 bytes, or the whole file if it is shorter.
   */
  recognises(head: Uint8Array): 'yes' | 'maybe' | 'no';
  createScanner(sizeBytes: number, sha256: () => Hasher, md5: () => Hasher): ImageScanner;
  /** Makes a file from its parts. Throws `usage` for parts that cannot make one. `null`: other tools make it. */
  readonly create: ((recipe: ImageRecipe, sha256: () => Hasher) => Uint8Array) | null;
  /** A compressed file that it recognises is an image as it is. Default: what is in it. */
  readonly isKeptPacked?: boolean;
}

/**
 * A device family as a value: the engine owns the order of steps, the family owns the facts. All of it is pure. Only
 * the family understands `Own` and `Memory`: it gets back what it returned itself.
 */
export interface Family<Own = unknown, Memory = unknown> {
  /** An interface for programs: it appears in events, records and releases. */
  readonly id: string;
  /** For people. */
  readonly name: string;
  /** Whoever has them is of this family, whatever else shows. */
  readonly usb: readonly { readonly vendorId: number; readonly productId: number }[];
  /** Its devices may have any other ids, too: then it is their files that tell, or the name that they give. */
  readonly isKnownByFiles: boolean;
  /** What the device says about itself in SCSI INQUIRY, without padding; case does not matter. `null`: anything. */
  readonly inquiry: { readonly vendor: string; readonly product: string } | null;
  /** What `DeviceInfo.model` must be, unless either is `null`. */
  readonly model: string | null;
  /** The folder of all its files; empty: the root. */
  readonly folder: string;
  /** Where each of its files is. The trigger is what commits. */
  readonly files: {
    /** `null`: none; it is known by what the drive says. */
    readonly info: ReadableFile | null;
    /** `isAlwaysThere`: the device writes it at each start, so if it is missing, the card is damaged. */
    readonly answer: ReadableFile & { readonly isAlwaysThere: boolean };
    readonly trigger: ReadableFile;
    /** Other files that say how a commit ended. */
    readonly others: readonly ReadableFile[];
    /** Where a payload is staged before the trigger is written; `null`: the trigger is the payload. */
    readonly payload: { readonly path: string } | null;
  };
  readonly write: {
    /** Bytes between two fsyncs of the payload: a long fsync lets the kernel write an entry of size 0 in between. */
    readonly syncBytes: number;
    /** Free space needed besides the payload, for clusters of the entry, the trigger and the folder. */
    readonly spareBytes: number;
    /** The device always shows a file of the trigger's name, which is written over in place. Default: it is created. */
    readonly isOver?: boolean;
  };
  readonly patience: Patience;
  readonly returns: ReturnKind;
  /** `null`: nothing of its flash memory is written before the commit. */
  readonly programming: Programming<Own, Memory> | null;
  /** Usual time off the bus, in ms, for the progress display only. */
  readonly usualAwayMs: number;
  /** The maker's public keys, PEM (SubjectPublicKeyInfo, Ed25519); empty: the maker has published none. */
  readonly publicKeys: readonly string[];
  /** What it takes, the most usual one first. */
  readonly images: readonly ImageFormat[];
  /** `blankPath`: written and removed first, because a device acts only where the name in a slot is another than before. */
  readonly actions: { readonly blankPath: string; readonly all: readonly DeviceAction<Own>[] } | null;

  /**
   * The volume of a drive that holds the files; `null` while the system is still reading the card. Throws `card-*` for
   * a card that the device cannot use.
   */
  controlVolume(drive: Drive): Volume | null;
  /** What a drive hints about what runs before any file is opened: for people, never proof. `null`: nothing. */
  hintOf(drive: Drive): string | null;

  /**
   * Reads who the device is and what runs, from its file (empty if it has none) and what the drive says. `absent`: it is
   * somebody else's file of the same name.
   */
  parseInfo(
    bytes: Uint8Array,
    drive: Drive,
  ): Parsed<DeviceInfo<Own>> | { readonly kind: 'absent'; readonly why: string };
  /** Why this version of spacepack can commit nothing to such a device; `null`: it can. */
  obstacle(info: DeviceInfo<Own>): SpacepackError | null;
  /** How the files contradict what the drive says over USB: then they are old. `null`: they do not, or it is silent. */
  stalenessOf(info: DeviceInfo<Own>, drive: Drive): string | null;
  /** The last answer to an install, unless it is out of date; `null`: none. */
  lastAnswer(info: DeviceInfo<Own>, answer: Uint8Array): LastAnswer | null;

  /**
   * Whether an image may go to a device. `current`: this very image runs already. Throws `image-*` or `battery-low`.
   * Called only where there is no `obstacle`.
   */
  checkFit(image: ImageFacts, info: DeviceInfo<Own>, allowDowngrade: boolean): 'current' | 'fits';
  /**
   * What the family needs to remember about a commit, the trigger that makes it (`null`: the payload itself), and where
   * that is written if not at `files.trigger`. `before`: what its files held before.
   */
  commit(
    wanted: Wanted,
    info: DeviceInfo<Own>,
    nonce: string,
    before: Witnesses,
  ): { readonly memory: Memory; readonly trigger: Uint8Array | null; readonly path?: string };
  /** What it remembers instead once the whole trigger is durable. Default: the same. */
  arrived?(memory: Memory): Memory;
  /** The commit that the device has yet to act on; `null`: there is none. */
  liveCommit(info: DeviceInfo<Own>, trigger: FoundBytes): LiveCommit<Memory> | null;
  /** Whether a payload and a trigger on the device can be removed, because nothing will act on them any more. */
  isInert(info: Found<DeviceInfo<Own>>, trigger: FoundBytes): boolean;
  /**
   * Whether the file in the place of a payload or trigger can only be what a run left that wrote the same image, so that
   * nothing is lost with it. Default: every file there is ours.
   */
  isOurs?(file: Uint8Array, image: ImageFacts): boolean;

  /** What became of a commit, as far as the device's files show. */
  trace(commitment: Commitment<Memory>, info: DeviceInfo<Own>, witnesses: Witnesses): Trace;
  /**
   * What it proves that the device left after a commit; `null`: nothing, so it must come back and say. `isDoubtful`:
   * writing the trigger reported an error.
   */
  judgeLeaving(commitment: Commitment<Memory>, isDoubtful: boolean): Judgement | null;
  /** `commitment`: the open or last one of the run; `null`: none. */
  words(code: FaultCode, commitment: Commitment<Memory> | null): Words;
  /** Whether one commit to a device came after another: the later one began once the other had ended. */
  isLater(one: Memory, other: Memory): boolean;
  /** What the family remembers about a commit, from a record; `null`: not valid. */
  parseMemory(value: unknown): Memory | null;
}
