import type { Sectors } from '../../fake-volume/cards/fat/sectors.ts';

/** What a SCSI command meets: the medium, and what happens when it is touched. */
export interface Unit {
  /** 8 characters at most. */
  readonly vendor: string;
  /** 16 characters at most. */
  readonly product: string;
  /** 4 characters (protocol §9.7). */
  revision(): string;
  readonly sectors: Sectors;
  /** Whether the medium may be touched. */
  ready(): boolean;
  writeProtected(): boolean;
  /** Whether MODE SENSE announces a write cache, so that a host sends SYNCHRONIZE CACHE. */
  readonly writeCache: boolean;
  /** Resolves when the medium has found so many bytes for a READ (10). */
  fetched(bytes: number): Promise<void>;
  /** Called for each WRITE (10) whose data has arrived, each SYNCHRONIZE CACHE, and each START STOP UNIT. */
  touched(touch: Touch): Promise<Manner>;
}

export type Touch =
  | { readonly kind: 'write'; readonly first: number; readonly bytes: Buffer }
  | { readonly kind: 'flush' }
  | { readonly kind: 'stop'; readonly eject: boolean };

/** How a command ends. `gone`: it never does. */
export type Manner = 'done' | 'medium-error' | 'gone';
