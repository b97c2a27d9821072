import type { Answer } from './answer.ts';
import { crc32Hex } from './checksum.ts';

/** How far an install got (protocol §9.2). */
export type JournalStep = 'accepted' | 'erasing' | 'programmed' | 'confirmed';

/** The last install that was accepted or answered (protocol §9.3), with what STATUS.TXT must name. */
export interface InstallRecord {
  /** Lower case; `null` if the trigger was malformed and its nonce could not be read. */
  readonly nonce: string | null;
  readonly triggerBootCount: number | null;
  readonly step: JournalStep;
  /** `null` while the device works on it. */
  readonly answer: Answer | null;
  readonly from: string | null;
  readonly to: string | null;
  /** MCUboot hash of the payload. */
  readonly image: string | null;
}

export interface JournalEntry {
  readonly install: InstallRecord | null;
  /** Of the last ping answered. */
  readonly pingNonce: string | null;
}

/** Two slots in the device's own memory; each is written whole, and never the one that holds the newest entry. */
export type JournalSlots = [Uint8Array | null, Uint8Array | null];

export interface Journal {
  entry(): JournalEntry;
  /** Durable when it returns. */
  write(entry: JournalEntry): void;
}

interface Slot {
  readonly sequence: number;
  readonly entry: JournalEntry;
}

const EMPTY: JournalEntry = { install: null, pingNonce: null };

/** The journal over its two slots. A slot that was cut short by a loss of power fails its CRC, and the other one counts. */
export function openJournal(slots: JournalSlots): Journal {
  const newest = (): { index: 0 | 1; slot: Slot } | null => {
    const [first, second] = [readSlot(slots[0]), readSlot(slots[1])];
    if (first !== null && (second === null || first.sequence > second.sequence)) return { index: 0, slot: first };
    return second === null ? null : { index: 1, slot: second };
  };
  return {
    entry: () => newest()?.slot.entry ?? EMPTY,
    write(entry) {
      const last = newest();
      const index = last?.index === 0 ? 1 : 0;
      slots[index] = writeSlot({ sequence: (last?.slot.sequence ?? 0) + 1, entry });
    },
  };
}

/** Whether a nonce was taken on already, so that it is never acted on again. */
export function knowsNonce({ install, pingNonce }: JournalEntry, nonce: string): boolean {
  return install?.nonce === nonce || pingNonce === nonce;
}

function writeSlot(slot: Slot): Uint8Array {
  const body = Buffer.from(JSON.stringify(slot));
  return Buffer.concat([Buffer.from(crc32Hex(body)), body]);
}

function readSlot(bytes: Uint8Array | null): Slot | null {
  if (bytes === null) return null;
  const body = bytes.subarray(8);
  if (crc32Hex(body) !== Buffer.from(bytes.subarray(0, 8)).toString('latin1')) return null;
  return JSON.parse(Buffer.from(body).toString()) as Slot;
}
