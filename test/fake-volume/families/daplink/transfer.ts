import type { EntryChange } from './disk.ts';
import {
  identify,
  type Kind,
  openStream,
  type Progress,
  type Stream,
  type Target,
  TROUBLE,
  type Trouble,
} from './streams.ts';

type Ending = Trouble | 'good';

/** What a probe takes for one file, as in DAPLink's vfs_manager.c at ca1bfb28. */
export interface Transfer {
  readonly state: 'idle' | 'in-progress' | 'may-finish' | 'finished';
  /** `null` until it has ended. */
  readonly ending: Ending | null;
  data(sector: number, bytes: Uint8Array): void;
  entry(change: EntryChange): void;
  /** The medium is about to be taken away. */
  cut(): void;
}

export function createTransfer(target: Target): Transfer {
  let stream: Stream | null = null;
  let kind: Kind | null = null;
  let file: { slot: number; sector: number | null; sizeBytes: number } | null = null;
  let [start, next, seen, processed, lowest] = [-1, -1, 0, 0, Number.POSITIVE_INFINITY];
  let [hasEnded, mayEnd] = [false, false];
  let state: Transfer['state'] = 'idle';
  let ending: Ending | null = null;

  function end(how: Ending): void {
    state = 'finished';
    ending = how;
  }
  function settle(isCut = false): void {
    if (state === 'finished') return;
    const isComplete = file !== null && file.sizeBytes > 0 && seen >= file.sizeBytes && start === file.sector;
    if (isCut) {
      const isOutOfOrder = (lowest - start) * 512 < processed;
      if (isOutOfOrder) end(TROUBLE.order);
      else end(state === 'idle' || (isComplete && mayEnd) ? 'good' : TROUBLE.timeout);
    } else if (hasEnded && isComplete) end('good');
    else if (isComplete && mayEnd) state = 'may-finish';
    else if (file !== null || kind !== null) state = 'in-progress';
  }
  function isOf({ name, isHidden }: EntryChange): Kind | null {
    const extension = name.slice(8);
    return !isHidden && (extension === 'BIN' || extension === 'HEX') ? extension : null;
  }
  function describe({ slot, sector, sizeBytes }: EntryChange, named: Kind | null): void {
    file ??= { slot, sector, sizeBytes: 0 };
    file.sector ??= sector;
    kind ??= named;
    const shrank = sizeBytes > 0 && sizeBytes < file.sizeBytes && sizeBytes < seen;
    const isMoved = sector !== null && sector !== file.sector;
    if (shrank || isMoved || (named !== null && named !== kind)) {
      end(TROUBLE.transfer);
    } else {
      file.sizeBytes = sizeBytes;
      settle();
    }
  }
  return {
    get state() {
      return state;
    },
    get ending() {
      return ending;
    },
    data(sector, bytes): void {
      if (state === 'finished') return;
      if (stream === null) {
        const found = identify(bytes);
        if (found === null) return;
        if (kind !== null && kind !== found) {
          end(TROUBLE.transfer);
          return;
        }
        kind = found;
        stream = openStream(found, target);
        start = sector;
        next = sector;
      }
      if (sector < start) return;
      if (sector !== next) {
        if (sector < next) lowest = Math.min(lowest, sector);
        return;
      }
      seen += bytes.length;
      next += 1;
      const progress: Progress = hasEnded ? 'ends' : stream.take(bytes);
      if (!hasEnded) processed += bytes.length;
      hasEnded = progress === 'ends';
      mayEnd = progress !== 'goes-on';
      if (typeof progress === 'string') settle();
      else end(progress);
    },
    entry(change) {
      if (state === 'finished') return;
      if (change.kind === 'changed' && change.slot === file?.slot) describe(change, isOf(change));
      if (change.kind === 'created' && isOf(change) !== null) describe(change, isOf(change));
    },
    cut: () => settle(true),
  };
}
