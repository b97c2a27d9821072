import type { Mode, Timing } from '../device-info.ts';
import type { Parsed } from '../found.ts';
import type { Version } from '../versions.ts';
import { parseText, TEXT_LIMIT } from './key-value.ts';

/** The version of the protocol that this host writes. */
export const PROTOCOL = 1;

/** What INFO.TXT says in every version of the protocol (§11.1): enough to judge, not enough to write. */
export interface Info {
  readonly protocol: number;
  readonly serial: string;
  readonly mode: Mode;
  readonly bootCount: number;
  /** MCUboot hash of the running image; `null` if none runs. */
  readonly image: string | null;
  /** The rest; `null` if the device speaks another version of the protocol. */
  readonly details: InfoDetails | null;
}

export interface InfoDetails {
  readonly model: string;
  /** Hardware revision, as in the USB descriptor's bcdDevice. */
  readonly hardware: number;
  readonly version: Version | null;
  readonly session: string;
  readonly maxPayloadBytes: number;
  readonly securityFloor: number;
  readonly batteryPercent: number;
  readonly batteryMinPercent: number;
  /** Clamped (§4.2). */
  readonly timing: Timing;
}

/** What to allow for where the device's own values are not known. */
export const LONGEST_TIMING: Timing = { quietMs: 10_000, quietDirtyMs: 120_000, maxAwayMs: 900_000 };

const clamp = (value: number, least: number, most: number): number => Math.min(most, Math.max(least, value));

/** Reads INFO.TXT from any bytes (protocol §4). */
export function parseInfo(bytes: Uint8Array): Parsed<Info> {
  return parseText(bytes, TEXT_LIMIT, (fields) => {
    const protocol = fields.count('Protocol');
    const mode = fields.oneOf('Mode', ['application', 'bootloader']);
    const image = fields.orNone('Image', (key) => fields.hex(key, 64));
    const core = { protocol, mode, image, serial: fields.name('Serial'), bootCount: fields.count('Boot-Count') };
    if (protocol !== PROTOCOL) return { ...core, details: null };

    const version = fields.orNone('Version', (key) => fields.version(key));
    const runs = mode === 'application';
    fields.require(
      runs === (image !== null) && runs === (version !== null),
      'expected Version and Image to match Mode, found a contradiction',
    );
    return {
      ...core,
      details: {
        model: fields.name('Model'),
        hardware: Number.parseInt(fields.hex('Hardware', 4), 16),
        version,
        session: fields.hex('Session', 16),
        maxPayloadBytes: fields.count('Max-Payload'),
        securityFloor: fields.count('Security-Floor'),
        batteryPercent: fields.count('Battery', 100),
        batteryMinPercent: fields.count('Battery-Min', 100),
        timing: {
          quietMs: clamp(fields.count('Quiet-ms'), 500, LONGEST_TIMING.quietMs),
          quietDirtyMs: clamp(fields.count('Quiet-Dirty-ms'), 5_000, LONGEST_TIMING.quietDirtyMs),
          maxAwayMs: clamp(fields.count('Max-Away-ms'), 5_000, LONGEST_TIMING.maxAwayMs),
        },
      },
    };
  });
}
