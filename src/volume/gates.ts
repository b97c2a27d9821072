import type { Clock } from '../computer/clock.ts';
import { createGate, type Gate } from '../computer/gate.ts';
import type { Drive } from '../protocol/sight.ts';
import type { Platform } from './platform.ts';

/**
 * Longest time to mount or unmount, in ms: both move data. A slow stick takes a while; one that is reset takes 32 s.
 */
export const MOUNT_MS = 120_000;
/**
 * Longest time for all programs of one mount or unmount together, in ms. The last must be able to answer before the
 * gate closes.
 */
export const PROGRAMS_MS: number = MOUNT_MS - 10_000;
/** Longest time for an unmounting program that is followed by another attempt, in ms. */
export const UNMOUNT_MS = 80_000;

const gates = new WeakMap<Platform, Map<string, Gate>>();

/** The one gate to everything on a drive, for as long as it stays attached. */
export function gateOf({ platform, clock }: { platform: Platform; clock: Clock }, drive: Drive): Gate {
  const ofPlatform = gates.get(platform) ?? new Map<string, Gate>();
  gates.set(platform, ofPlatform);
  const key = `${drive.id} ${drive.attachment}`;
  const gate = ofPlatform.get(key) ?? createGate(clock);
  ofPlatform.set(key, gate);
  return gate;
}
