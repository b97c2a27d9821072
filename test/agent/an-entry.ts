import type { Pair } from '../../src/agent/back-off.ts';
import type { JournalEntry } from '../../src/agent/journal-entry.ts';
import { FAULTS, type FaultCode } from '../../src/protocol/faults.ts';

const COMMON = { device: 'SP1', release: 'fw-1.1.0.dfu', from: '1.0.0+0', to: '1.1.0+0' } as const;

/** An attempt that began so many minutes after noon. */
export function began(minute: number, parts: Partial<JournalEntry> = {}): JournalEntry {
  return { ...COMMON, event: 'began', by: 'agent', at: time(minute).toISOString(), ...parts } as JournalEntry;
}

/** An attempt that ended so. */
export function ended(minute: number, code: FaultCode, parts: Partial<JournalEntry> = {}): JournalEntry {
  const { verdict, meaning } = FAULTS[code];
  const end = { event: 'ended', by: 'agent', verdict, code, message: meaning, elapsedMs: 1000 } as const;
  return { ...COMMON, ...end, at: time(minute).toISOString(), ...parts } as JournalEntry;
}

/** So many minutes after noon. */
export function time(minute: number): Date {
  return new Date(Date.UTC(2026, 0, 1, 12, minute));
}

export const PAIR: Pair = { device: COMMON.device, release: COMMON.release, to: COMMON.to };
