import type { Parsed } from '../found.ts';
import { toHex } from '../hex.ts';
import { type Info, PROTOCOL } from './info.ts';
import { parseText, TRIGGER_LIMIT, writeText } from './key-value.ts';

/** What a trigger says about the payload beside it (protocol §5.2). */
export interface PayloadDigest {
  readonly lengthBytes: number;
  readonly crc32: number;
  /** 64 lower-case hexadecimal digits, over the whole UPDATE.BIN. */
  readonly sha256: string;
}

/** The file that commits an action to a device (protocol §5). */
export interface Trigger {
  readonly nonce: string;
  readonly serial: string;
  readonly bootCount: number;
  readonly session: string;
  readonly action:
    | { readonly kind: 'ping' }
    | { readonly kind: 'install'; readonly payload: PayloadDigest; readonly allowDowngrade: boolean };
}

/** Whether an intact trigger is of the current session, so the device will act on it (protocol §7.6). */
export function isLive(trigger: Trigger, info: Info): boolean {
  return trigger.bootCount === info.bootCount && trigger.session === info.details?.session;
}

/** The bytes of UPDATE.TRG: at most 512. */
export function writeTrigger({ nonce, serial, bootCount, session, action }: Trigger): Uint8Array {
  const common = [
    ['Protocol', String(PROTOCOL)],
    ['Action', action.kind],
    ['Nonce', nonce],
    ['Serial', serial],
    ['Boot-Count', String(bootCount)],
    ['Session', session],
  ] as const;
  if (action.kind === 'ping') return writeText(common);
  return writeText([
    ...common,
    ['Length', String(action.payload.lengthBytes)],
    ['Payload-CRC32', toHex(action.payload.crc32, 8)],
    ['Payload-SHA256', action.payload.sha256],
    ['Allow-Downgrade', action.allowDowngrade ? 'yes' : 'no'],
  ]);
}

/** Reads UPDATE.TRG from any bytes. */
export function parseTrigger(bytes: Uint8Array): Parsed<Trigger> {
  return parseText(bytes, TRIGGER_LIMIT, (fields) => {
    fields.require(fields.count('Protocol') === PROTOCOL, `expected Protocol to be ${PROTOCOL}, found another`);
    const common = {
      nonce: fields.hex('Nonce', 32),
      serial: fields.name('Serial'),
      bootCount: fields.count('Boot-Count'),
      session: fields.hex('Session', 16),
    };
    if (fields.oneOf('Action', ['install', 'ping']) === 'ping') return { ...common, action: { kind: 'ping' } };
    return {
      ...common,
      action: {
        kind: 'install',
        payload: {
          lengthBytes: fields.count('Length'),
          crc32: Number.parseInt(fields.hex('Payload-CRC32', 8), 16),
          sha256: fields.hex('Payload-SHA256', 64),
        },
        allowDowngrade: fields.oneOf('Allow-Downgrade', ['yes', 'no']) === 'yes',
      },
    };
  });
}
