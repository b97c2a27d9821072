import { type Card, RESERVED } from '../cards/card.ts';
import { sha256Hex } from './checksum.ts';
import { type Fields, readText } from './grammar.ts';
import { PATTERNS, parseCount } from './values.ts';

/** An intact trigger (protocol §5). Hexadecimal values in lower case. */
export interface Trigger {
  readonly nonce: string;
  readonly serial: string;
  readonly bootCount: number;
  readonly session: string;
  /** `null`: a ping. */
  readonly install: InstallOrder | null;
}

export interface InstallOrder {
  readonly lengthBytes: number;
  readonly crc32: string;
  readonly sha256: string;
  readonly allowDowngrade: boolean;
}

/**
 * What the device sees where a trigger would be. `nothing` covers all that it never acts on: no file, two of them, a
 * folder, a torn one, one that fills more than a sector. `id` tells one content from another.
 */
export type TriggerSight =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'malformed'; readonly id: string; readonly why: string; readonly nonce: string | null }
  | { readonly kind: 'intact'; readonly id: string; readonly trigger: Trigger };

// protocol §3.2: one sector
const LIMIT_BYTES = 512;

export function lookForTrigger(card: Card): TriggerSight {
  const found = card.find(RESERVED.trigger);
  if (found.kind !== 'file') return { kind: 'nothing' };
  const bytes = card.read(RESERVED.trigger, LIMIT_BYTES);
  // Longer than a sector, or longer than its chain.
  if (bytes.length !== found.sizeBytes) return { kind: 'nothing' };
  return readTrigger(bytes);
}

/** Reads the bytes of a trigger. */
export function readTrigger(bytes: Uint8Array): TriggerSight {
  const text = readText(bytes, LIMIT_BYTES);
  if (text.kind === 'torn' || bytes.length > LIMIT_BYTES) return { kind: 'nothing' };
  const id = sha256Hex(bytes);
  const trigger = text.kind === 'intact' ? readFields(text.fields) : text.why;
  if (typeof trigger !== 'string') return { kind: 'intact', id, trigger };
  const nonce = text.fields.get('nonce') ?? '';
  return { kind: 'malformed', id, why: trigger, nonce: PATTERNS.nonce.test(nonce) ? nonce.toLowerCase() : null };
}

/** The trigger, or why the fields are none. */
function readFields(fields: Fields): Trigger | string {
  const value = (key: string, pattern: RegExp): string | null => {
    const text = fields.get(key) ?? '';
    return pattern.test(text) ? text : null;
  };
  const nonce = value('nonce', PATTERNS.nonce);
  const serial = value('serial', PATTERNS.name);
  const session = value('session', PATTERNS.session);
  const bootCount = parseCount(fields.get('boot-count') ?? '');
  if (fields.get('protocol') !== '1') return 'Protocol is not 1';
  if (nonce === null || serial === null || session === null || bootCount === null) {
    return 'Nonce, Serial, Session or Boot-Count is missing or wrong';
  }
  const install = readOrder(fields);
  if (typeof install === 'string') return install;
  return { nonce: nonce.toLowerCase(), serial, session: session.toLowerCase(), bootCount, install };
}

function readOrder(fields: Fields): InstallOrder | null | string {
  const action = fields.get('action');
  if (action === 'ping') return null;
  if (action !== 'install') return 'Action is neither install nor ping';
  const lengthBytes = parseCount(fields.get('length') ?? '');
  const crc32 = fields.get('payload-crc32') ?? '';
  const sha256 = fields.get('payload-sha256') ?? '';
  const downgrade = fields.get('allow-downgrade') ?? '';
  if (lengthBytes === null || !PATTERNS.crc.test(crc32) || !PATTERNS.hash.test(sha256)) {
    return 'Length, Payload-CRC32 or Payload-SHA256 is missing or wrong';
  }
  if (!/^(yes|no)$/.test(downgrade)) return 'Allow-Downgrade is neither yes nor no';
  return { lengthBytes, crc32: crc32.toUpperCase(), sha256: sha256.toLowerCase(), allowDowngrade: downgrade === 'yes' };
}
