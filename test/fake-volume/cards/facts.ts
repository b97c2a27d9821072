import { someUserFiles } from './user-files.ts';

/** What is fixed about a card. */
export interface CardFacts {
  readonly scheme: 'mbr' | 'gpt' | 'none' | 'unknown';
  /** Lower case; `null`: none recognised. */
  readonly fileSystem: string | null;
  readonly label: string;
  readonly sizeBytes: number;
}

/** A card, as far as it differs from a usual one. */
export interface CardOptions {
  /** Default `SPACEPACK`. */
  readonly label?: string;
  readonly scheme?: CardFacts['scheme'];
  /** Default `fat32`. */
  readonly fileSystem?: string | null;
  /** Default 1 GiB. */
  readonly sizeBytes?: number;
  /** Less is free than the files leave, once the device has put its own files on the card. */
  readonly freeBytes?: number;
  /** The lock switch is on, once the device has put its own files on the card. */
  readonly writeProtected?: boolean;
  /** A host left it without unmounting, after the device had put its own files on the card. */
  readonly dirty?: boolean;
  /** `freeBytes`, `writeProtected` and `dirty` hold before the device has put its own files on the card. */
  readonly isAsGiven?: boolean;
  /** Its root folder takes no further entry. */
  readonly rootIsFull?: boolean;
  /** The automounter leaves it alone: it was mounted at the start of the computer, and is not mounted again when it comes back. */
  readonly isInFstab?: boolean;
  /** By path. Default: a few files of a user. */
  readonly files?: ReadonlyMap<string, Uint8Array>;
  /** Behind the control volume. */
  readonly partitions?: readonly PartitionOptions[];
}

/** A further partition on a card, which belongs to the user alone. */
export interface PartitionOptions {
  /** Default `EXTRA`. */
  readonly label?: string;
  readonly sizeBytes?: number;
  readonly files?: ReadonlyMap<string, Uint8Array>;
  readonly isInFstab?: boolean;
}

/** The facts of a card, of which those that are not given are usual ones. */
export function factsOf(options: CardOptions): CardFacts {
  return {
    scheme: options.scheme ?? 'mbr',
    fileSystem: options.fileSystem === undefined ? 'fat32' : options.fileSystem,
    label: options.label ?? 'SPACEPACK',
    sizeBytes: options.sizeBytes ?? 1024 ** 3,
  };
}

/** Whether the device reads it (protocol §1.1). */
export function isControlVolume({ scheme, fileSystem, sizeBytes }: CardFacts): boolean {
  return sizeBytes > 0 && scheme === 'mbr' && /^fat(12|16|32)?$/.test(fileSystem ?? '');
}

/** What is on the card before the device gets it. */
export function filesOf(options: CardOptions): ReadonlyMap<string, Uint8Array> {
  return options.files ?? someUserFiles();
}
