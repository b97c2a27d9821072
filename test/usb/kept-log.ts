import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SECTOR_BYTES, sectorsOf } from '../fake-volume/cards/fat/sectors.ts';
import { explain, type Lane, ownersOf } from './explain.ts';
import type { StickEvent } from './stick.ts';

/** One thing of an update, as it is kept: `host` is what the command line said, `device` what the firmware did. */
export type KeptEvent =
  | { readonly atMs: number; readonly kind: 'host' | 'device'; readonly words: string }
  | { readonly atMs: number; readonly kind: 'flush' }
  | {
      readonly atMs: number;
      readonly kind: 'write';
      readonly first: number;
      readonly lane: Lane;
      readonly words: string;
      readonly base64: string;
    };

/** Something that the command line said. */
export interface Said {
  readonly atMs: number;
  readonly words: string;
}

/**
 * Explains the events of an update. `card`: as it was before the first of them. Times count from the first thing that the
 * command line said.
 */
export function keepable(card: Buffer, events: readonly StickEvent[], said: readonly Said[]): readonly KeptEvent[] {
  const sectors = sectorsOf(Buffer.from(card));
  const landed = sectorsOf(Buffer.from(card));
  for (const event of events) if (event.kind === 'write') landed.write(event.first, event.bytes);
  const owners = ownersOf(landed);
  const startMs = said[0]?.atMs ?? 0;
  const kept = events.flatMap((event): readonly KeptEvent[] => {
    const atMs = Math.round(event.atMs - startMs);
    if (event.kind === 'device') return [{ atMs, kind: 'device', words: event.message }];
    if (event.kind !== 'write') return event.kind === 'flush' ? [{ atMs, kind: 'flush' }] : [];
    const { lane, words } = explain(sectors, owners, event.first, event.bytes);
    sectors.write(event.first, event.bytes);
    return [{ atMs, kind: 'write', first: event.first, lane, words, base64: event.bytes.toString('base64') }];
  });
  const host = said.map(({ atMs, words }): KeptEvent => ({ atMs: Math.round(atMs - startMs), kind: 'host', words }));
  return [...kept, ...host].sort((a, b) => a.atMs - b.atMs);
}

/** One line an event, for people. */
export function logLines(events: readonly KeptEvent[]): readonly string[] {
  return events.map((event) => {
    const time = `${String(event.atMs).padStart(7)} ms`;
    if (event.kind === 'write') {
      const count = Buffer.from(event.base64, 'base64').length / SECTOR_BYTES;
      return `${time}  write   ${String(event.first).padStart(6)} x${String(count).padEnd(4)} ${event.words}`;
    }
    return event.kind === 'flush' ? `${time}  flush` : `${time}  ${event.kind.padEnd(6)}  ${event.words}`;
  });
}

/** Writes the log for people, and the sectors for the tests that feed them to the device in other orders. */
export function keepLog(folder: string, head: readonly string[], events: readonly KeptEvent[]): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'update.log'), `${[...head, '', ...logLines(events)].join('\n')}\n`);
  writeFileSync(join(folder, 'update.json'), `${JSON.stringify(events, null, 2)}\n`);
}
