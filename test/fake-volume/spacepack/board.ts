import type { Card } from '../cards/card.ts';
import type { Journal } from './journal.ts';
import type { NonVolatileMemory } from './nonvolatile.ts';
import type { DeviceSettings } from './settings.ts';
import type { DeviceVersion } from './values.ts';

/** What executes now. */
export type Running =
  | { readonly mode: 'bootloader' }
  | { readonly mode: 'application'; readonly version: DeviceVersion; readonly hash: string };

/** What the firmware's parts share: the wires of the board, and what is forgotten when power is lost. */
export interface Board {
  readonly settings: DeviceSettings;
  readonly memory: NonVolatileMemory;
  readonly journal: Journal;
  /** The control volume; `null`: no card, or none with a FAT volume that the device reads (protocol §1.1). */
  card(): Card | null;
  /** ms. */
  now(): number;
  random(bytes: number): Uint8Array;
  log(message: string): void;

  /** Power on the bus. */
  plugged: boolean;
  batteryPercent: number;
  /** The host sees a device. */
  onBus: boolean;
  /** The host sees its medium. */
  ready: boolean;
  /** A host has configured it since the attach. */
  configured: boolean;

  running: Running;
  /** 16 lower-case hexadecimal digits; empty before the first attach. */
  session: string;
  /** Of the session: when the last write arrived; `null` once that was dealt with. */
  lastWriteMs: number | null;
  /** As the last write left it. */
  dirtyMarkIsSet: boolean;
  /** In this session, by a write that was seen. */
  dirtyMarkWasSet: boolean;
  ejected: boolean;
  /** `id` of a malformed trigger that must not be acted on again. */
  doneTrigger: string | null;
}
