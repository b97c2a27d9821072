import { CODES_OF_STATE, type DeviceCode, type DeviceState } from './codes.ts';
import { PROTOCOL } from './info.ts';
import { type Parsed, parseText, TEXT_LIMIT } from './key-value.ts';
import type { Version } from './versions.ts';

/** What STATUS.TXT says in every version of the protocol (§11.1). */
export interface Status {
  readonly protocol: number;
  readonly bootCount: number;
  /** Of the install answered here; `null`: none was ever answered. */
  readonly nonce: string | null;
  readonly state: DeviceState;
  readonly code: DeviceCode;
  readonly pingNonce: string | null;
  /** The rest; `null` if the device speaks another version of the protocol. */
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

/** Reads STATUS.TXT from any bytes (protocol §6). */
export function parseStatus(bytes: Uint8Array): Parsed<Status> {
  return parseText(bytes, TEXT_LIMIT, (fields) => {
    const protocol = fields.count('Protocol');
    const state = fields.oneOf('State', STATES);
    const nonce = fields.orNone('Nonce', (key) => fields.hex(key, 32));
    fields.require(
      (state === 'idle') === (nonce === null),
      'expected Nonce to be none in the state idle, and only then',
    );
    const core = {
      protocol,
      bootCount: fields.count('Boot-Count'),
      nonce,
      state,
      code: fields.oneOf('Code', CODES_OF_STATE[state]),
      pingNonce: fields.orNone('Ping-Nonce', (key) => fields.hex(key, 32)),
    };
    if (protocol !== PROTOCOL) return { ...core, details: null };

    const detail = fields.text('Detail');
    fields.require(detail.length <= 256, 'expected Detail to have at most 256 bytes');
    return {
      ...core,
      details: {
        from: fields.orNone('From', (key) => fields.version(key)),
        to: fields.orNone('To', (key) => fields.version(key)),
        image: fields.orNone('Image', (key) => fields.hex(key, 64)),
        triggerBootCount: fields.orNone('Trigger-Boot-Count', (key) => fields.count(key)),
        detail,
      },
    };
  });
}
