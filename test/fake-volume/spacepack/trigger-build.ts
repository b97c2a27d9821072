import { crc32Hex, sha256Hex } from './checksum.ts';
import { writeText } from './grammar.ts';

/** What a trigger says beside the payload. */
export interface TriggerOptions {
  /** 32 hexadecimal digits. */
  readonly nonce: string;
  readonly serial: string;
  readonly bootCount: number;
  /** 16 hexadecimal digits. */
  readonly session: string;
  readonly allowDowngrade?: boolean;
}

type Line = readonly [key: string, value: string];

/** The bytes of an `install` trigger for a payload (protocol §5). */
export function buildInstallTrigger(options: TriggerOptions, payload: Uint8Array): Uint8Array {
  return writeText([
    ...commonLines(options, 'install'),
    ['Length', String(payload.length)],
    ['Payload-CRC32', crc32Hex(payload)],
    ['Payload-SHA256', sha256Hex(payload)],
    ['Allow-Downgrade', options.allowDowngrade === true ? 'yes' : 'no'],
  ]);
}

/** The bytes of a `ping` trigger (protocol §5). */
export function buildPingTrigger(options: TriggerOptions): Uint8Array {
  return writeText(commonLines(options, 'ping'));
}

function commonLines(options: TriggerOptions, action: string): readonly Line[] {
  return [
    ['Protocol', '1'],
    ['Action', action],
    ['Nonce', options.nonce],
    ['Serial', options.serial],
    ['Boot-Count', String(options.bootCount)],
    ['Session', options.session],
  ];
}
