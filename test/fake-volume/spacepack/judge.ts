import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { type Card, RESERVED } from '../cards/card.ts';
import { type Answer, rejected } from './answer.ts';
import type { Board } from './board.ts';
import { crc32Hex, sha256Hex } from './checksum.ts';
import { type DfuSuffix, type ImageFacts, readImage, readSuffix, SUFFIX_BYTES } from './image/format.ts';
import type { InstallOrder, Trigger } from './trigger.ts';
import { isBelow, versionText } from './values.ts';

/** What the device makes of a payload. `facts`: as far as they could be read. `image`: what to put into the flash memory. */
export type Judgement =
  | { readonly ok: true; readonly facts: ImageFacts; readonly image: Uint8Array }
  | { readonly ok: false; readonly facts: ImageFacts | null; readonly answer: Answer };

/** Checks the payload on the card (protocol §8.5), in the order of that clause; nothing is erased yet. */
export function judgePayload(board: Board, trigger: Trigger, order: InstallOrder): Judgement {
  const card = board.card();
  const payload = card === null ? null : readPayload(card, board.settings.maxPayloadBytes);
  if (payload === null) return { ok: false, facts: null, answer: rejected('length', 'no payload, or too large a one') };
  const image = payload.subarray(0, Math.max(0, payload.length - SUFFIX_BYTES));
  const facts = readImage(image);
  const suffix = readSuffix(payload);
  const refuse = (answer: Answer): Judgement => ({ ok: false, facts, answer });

  const transfer = checkTransfer(payload, order);
  if (transfer !== null) return refuse(transfer);
  if (suffix === null) return refuse(rejected('crc', 'no DFU suffix with a right CRC'));
  if (facts === null) return refuse(rejected('digest', 'no MCUboot image'));
  if (!facts.hashIsRight) return refuse(rejected('digest', 'the image does not have the SHA-256 that it states'));
  if (!isSigned(facts, board.settings.trustedKeys)) {
    return refuse(rejected('signature', 'no signature by a trusted key'));
  }
  const answer =
    checkDevice(board, trigger, suffix) ?? checkImage(board, facts, order) ?? checkRoom(board, image.length);
  return answer === null ? { ok: true, facts, image } : refuse(answer);
}

// protocol §2.2: of two payloads, neither counts
function readPayload(card: Card, maxBytes: number): Uint8Array | null {
  const found = card.find(RESERVED.payload);
  return found.kind === 'file' && found.sizeBytes <= maxBytes ? card.read(RESERVED.payload, found.sizeBytes) : null;
}

function checkTransfer(payload: Uint8Array, order: InstallOrder): Answer | null {
  if (payload.length !== order.lengthBytes) {
    return rejected('length', `${payload.length} bytes on the card, ${order.lengthBytes} in the trigger`);
  }
  if (crc32Hex(payload) !== order.crc32) return rejected('crc', `the payload's CRC-32 is not ${order.crc32}`);
  if (sha256Hex(payload) !== order.sha256) return rejected('digest', "the payload's SHA-256 is another");
  return null;
}

/** protocol §8.2: at least one signature by a trusted key, and each of those is right. */
function isSigned(facts: ImageFacts, trustedKeys: readonly string[]): boolean {
  const trusted = new Map(trustedKeys.map(readKey).map(({ hash, key }) => [hash, key]));
  const ours = facts.signatures.flatMap(({ keyHash, value }) => {
    const key = trusted.get(keyHash ?? '') ?? null;
    return key === null ? [] : [verify(null, Buffer.from(facts.hash, 'hex'), key, value)];
  });
  return ours.length > 0 && !ours.includes(false);
}

interface DeviceKey {
  readonly hash: string;
  /** `null`: anybody can sign for it, so it is never trusted. */
  readonly key: KeyObject | null;
}

/** Keys are read once: thousands of devices trust the same one. */
const keys = new Map<string, DeviceKey>();

function readKey(pem: string): DeviceKey {
  const known = keys.get(pem);
  if (known !== undefined) return known;
  const key = createPublicKey(pem);
  const read = { hash: sha256Hex(key.export({ format: 'der', type: 'spki' })), key: isForgeable(key) ? null : key };
  keys.set(pem, read);
  return read;
}

/** RFC 8032 §5.1: the prime of the field, and d of edwards25519. */
const P = 2n ** 255n - 19n;
const D = 37095705934669439343138083508754565189542113879843219016388785533085940283555n;

const modulo = (value: bigint): bigint => ((value % P) + P) % P;

/** 1 / value in the field, by Fermat’s little theorem. */
function inverse(value: bigint): bigint {
  let result = 1n;
  for (let [base, rest] = [modulo(value), P - 2n]; rest > 0n; base = modulo(base * base), rest >>= 1n) {
    if (rest & 1n) result = modulo(result * base);
  }
  return result;
}

/** The y coordinate of twice the point: the curve gives x² for y, and doubling needs no more than x². */
function doubled(y: bigint): bigint {
  const yy = modulo(y * y);
  const xx = modulo((yy - 1n) * inverse(D * yy + 1n));
  return modulo((yy + xx) * inverse(2n - yy + xx));
}

/** Eight times a point of small order is the neutral element, whose y is 1. */
function isForgeable(key: KeyObject): boolean {
  const raw = key.export({ format: 'der', type: 'spki' }).subarray(-32);
  const y = BigInt(`0x${Buffer.from(raw).reverse().toString('hex')}`) % 2n ** 255n;
  return doubled(doubled(doubled(y))) === 1n;
}

/** protocol §8.3: FFFF is for any. */
const isFor = (inSuffix: number, ours: number): boolean => inSuffix === 0xffff || inSuffix === ours;

function checkDevice({ settings }: Board, trigger: Trigger, suffix: DfuSuffix): Answer | null {
  if (trigger.serial !== settings.serial) return rejected('wrong-device', `for serial ${trigger.serial}`);
  if (!isFor(suffix.vendorId, settings.vendorId) || !isFor(suffix.productId, settings.productId)) {
    return rejected('wrong-device', 'for another USB vendor or product id');
  }
  if (!isFor(suffix.bcdDevice, settings.boardRevision)) {
    return rejected('wrong-hardware', `for hardware revision ${suffix.bcdDevice.toString(16).padStart(4, '0')}`);
  }
  return null;
}

function checkImage({ memory, running }: Board, facts: ImageFacts, order: InstallOrder): Answer | null {
  if (facts.securityCounter < memory.securityFloor) {
    return rejected('rollback', `security counter ${facts.securityCounter} is below ${memory.securityFloor}`);
  }
  if (running.mode === 'application' && !order.allowDowngrade && isBelow(facts.version, running.version)) {
    return rejected('rollback', `version is below ${versionText(running.version)}`);
  }
  return null;
}

function checkRoom({ settings, batteryPercent }: Board, imageBytes: number): Answer | null {
  if (imageBytes > settings.flashBytes) return rejected('no-space', `more than ${settings.flashBytes} bytes of flash`);
  if (batteryPercent < settings.batteryMinPercent) {
    return rejected('low-battery', `battery at ${batteryPercent} percent, ${settings.batteryMinPercent} needed`);
  }
  return null;
}
