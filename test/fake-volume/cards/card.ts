/** The reserved names of protocol §2.1, as they appear in the reserved folder. */
export const RESERVED: {
  readonly info: 'INFO.TXT';
  readonly status: 'STATUS.TXT';
  readonly payload: 'UPDATE.BIN';
  readonly trigger: 'UPDATE.TRG';
} = {
  info: 'INFO.TXT',
  status: 'STATUS.TXT',
  payload: 'UPDATE.BIN',
  trigger: 'UPDATE.TRG',
};

export type ReservedName = (typeof RESERVED)[keyof typeof RESERVED];

/** The folder of protocol §2.1. */
export const RESERVED_FOLDER = 'SPACEPAK';

/** The path of a reserved file within the volume. */
export function reservedPath(name: ReservedName): string {
  return `${RESERVED_FOLDER}/${name}`;
}

/**
 * What a walk through the reserved folder finds under one raw name (protocol §2.2). `twice`: two entries have it;
 * `foreign`: it is no regular file.
 */
export type Found =
  | { readonly kind: 'missing' | 'twice' | 'foreign' }
  | { readonly kind: 'file'; readonly sizeBytes: number };

/**
 * All that the firmware can do with the card: what its FAT code offers. Adapters keep it in memory, in a folder, or in
 * the sectors of a real FAT. Nothing is remembered between two calls (protocol §2.3).
 *
 * `rewrite`, `create` and `remove` are called only while the device is off the bus or not ready (protocol §9.1). They
 * answer `false` and leave the card as it was if the chain of the file does not pass the checks of protocol §9.5.
 */
export interface Card {
  /** Whether the dirty mark is set now: a host has mounted the volume for writing, or left it without unmounting. */
  dirty(): boolean;

  /** Bytes in free clusters, counted from the FAT, not from FSInfo. */
  freeBytes(): number;

  find(name: ReservedName): Found;

  /** Up to `limitBytes` of a regular file; fewer than its entry says if the chain ends early; empty if there is none. */
  read(name: ReservedName, limitBytes: number): Uint8Array;

  /** Whether the chain of the file passes the checks. */
  chainPasses(name: ReservedName): boolean;

  /** Overwrites a file in place with as many bytes as it has, without touching the file system. */
  rewrite(name: ReservedName, bytes: Uint8Array): boolean;

  /** Creates a file, and the reserved folder if it is missing. The firmware asks for it only on a clean volume. */
  create(name: ReservedName, bytes: Uint8Array): boolean;

  /** Marks the entry first, then frees the chain. */
  remove(name: ReservedName): boolean;
}
