import type { Parsed } from '../found.ts';
import type { Version } from '../versions.ts';
import { CODES_OF_STATE, type DeviceCode, type DeviceState } from './codes.ts';
import { PROTOCOL } from './info.ts';
import { parseText, TEXT_LIMIT } from './key-value.ts';

/**
 * What STATUS.TXT says in every version of the protocol (§11.1). Keys are frozen, values are not: a state or a code
 * that this host does not know is `other`.
 */
export interface Status {
  readonly protocol: number;
  readonly bootCount: number;
  /** Of the install answered here; `null`: none was ever answered, or it could not be read (§7.6). */
  readonly nonce: string | null;
  readonly state: DeviceState | 'other';
  readonly code: DeviceCode | 'other';
  readonly pingNonce: string | null;
  /** The rest; `null` if the device speaks another version of the protocol, or the rest breaks its rules. */
  readonly details: StatusDetails | null;
}

export interface StatusDetails {
  readonly from: Version | null;
  readonly to: Version | null;
  /** MCUboot hash of the payload answered. */
  readonly image: string | null;
  readonly triggerBootCount: number | null;
  /** One line for people, from the device: printable ASCII only. */
  readonly detail: string;
}

const STATES = Object.keys(CODES_OF_STATE) as readonly DeviceState[];

/** Reads STATUS.TXT from any bytes (protocol §6): strict about form, lenient about values, so that it can be judged. */
export function parseStatus(bytes: Uint8Array): Parsed<Status> {
  return parseText(bytes, TEXT_LIMIT, (fields) => {
    const protocol = fields.count('Protocol');
    const said = fields.name('State');
    const state = STATES.find((candidate) => candidate === said) ?? ('other' as const);
    const code = fields.name('Code');
    const core = {
      protocol,
      bootCount: fields.count('Boot-Count'),
      nonce: fields.orNone('Nonce', (key) => fields.hex(key, 32)),
      state,
      code: (state !== 'other' && CODES_OF_STATE[state].find((candidate) => candidate === code)) || ('other' as const),
      pingNonce: fields.orNone('Ping-Nonce', (key) => fields.hex(key, 32)),
    };
    if (protocol !== PROTOCOL) return { ...core, details: null };
    const details = fields.unlessMalformed(() => ({
      from: fields.orNone('From', (key) => fields.version(key)),
      to: fields.orNone('To', (key) => fields.version(key)),
      image: fields.orNone('Image', (key) => fields.hex(key, 64)),
      triggerBootCount: fields.orNone('Trigger-Boot-Count', (key) => fields.count(key)),
      detail: fields.text('Detail').slice(0, 256),
    }));
    return { ...core, details };
  });
}
