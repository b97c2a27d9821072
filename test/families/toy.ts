import { crc32 } from '../../src/protocol/checksum.ts';
import { SpacepackError } from '../../src/protocol/errors.ts';
import type { Family, ImageFormat, ImageScanner } from '../../src/protocol/family.ts';
import { toHex } from '../../src/protocol/hex.ts';
import { ANY_HARDWARE } from '../../src/protocol/image-facts.ts';
import { parseVersion } from '../../src/protocol/versions.ts';

/** The host's side of a device that takes TOY/NEW.BIN, installs it, and renames it to DONE.BIN, or to BAD.BIN. */
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const usb = { vendorId: 0x1209, productId: 0x7019 };
const timing = { quietMs: 500, quietDirtyMs: 5_000, maxAwayMs: 10_000 };
const untold = {
  version: null,
  model: null,
  protocol: null,
  hardware: null,
  maxPayloadBytes: null,
  securityFloor: null,
};

function createScanner(sizeBytes: number, sha256: Parameters<ImageFormat['createScanner']>[1]): ImageScanner {
  const [hasher, parts] = [sha256(), [] as Uint8Array[]];
  return {
    take(chunk) {
      hasher.update(chunk);
      parts.push(chunk.slice());
    },
    finish() {
      const bytes = Buffer.concat(parts);
      const version = parseVersion(/^TOY1 (\S+)\n/.exec(text(bytes))?.[1] ?? '');
      const found = version === null ? 'none' : 'one';
      const check = {
        check: 'head',
        code: 'image-structure',
        expected: 'TOY1 and a version',
        found,
        ok: version !== null,
      } as const;
      const crc = crc32(bytes);
      const names = { sha256: Buffer.from(hasher.digest()).toString('hex'), imageHash: toHex(crc, 8).toLowerCase() };
      const fits = { ...usb, version, securityCounter: 0, hardware: ANY_HARDWARE, own: null };
      return {
        sizeBytes,
        crc32: crc,
        ...names,
        ...fits,
        signature: 'unchecked' as const,
        keyHash: null,
        checks: [check],
        layout: null,
      };
    },
  };
}

export const toy: Family<null, { readonly starts: number }> = {
  id: 'toy',
  name: 'Toy',
  usb: [usb],
  isKnownByFiles: false,
  actions: null,
  inquiry: { vendor: 'ACME', product: 'Toy' },
  model: 'Toy',
  folder: 'TOY',
  files: {
    info: { path: 'TOY/ME.TXT', limitBytes: 100 },
    answer: { path: 'TOY/BAD.BIN', limitBytes: 1_000, isAlwaysThere: false },
    others: [],
    trigger: { path: 'TOY/NEW.BIN', limitBytes: 1_000 },
    payload: null,
  },
  write: { syncBytes: 1_000, spareBytes: 1_000 },
  patience: { settleMs: 0, mountMs: 0, tornMs: 0, stallMs: 1_000, leaveMs: 1_000, returnMs: 1_000, answerMs: 1_000 },
  returns: 'anew',
  programming: null,
  usualAwayMs: 1_000,
  publicKeys: [],
  images: [
    {
      name: 'toy image',
      extension: 'toy',
      recognises: (head) => (text(head).startsWith('TOY1') ? 'yes' : 'no'),
      createScanner,
      create: null,
    },
  ],
  controlVolume: ({ volumes: [first = null] }) => first,
  hintOf: () => null,
  parseInfo(bytes) {
    const [, serial, starts, runs] = /^(\S+) (\d+) ([0-9a-f]{8}|none)\n$/.exec(text(bytes)) ?? [];
    if (serial === undefined || runs === undefined) return { kind: 'torn', why: 'expected one line' };
    const image = runs === 'none' ? null : runs;
    const mode = image === null ? 'bootloader' : 'application';
    const battery = { batteryPercent: null, batteryMinPercent: null };
    return {
      kind: 'intact',
      value: {
        ...untold,
        ...battery,
        serial,
        mode,
        image,
        tellsImage: true,
        timing,
        bootCount: Number(starts),
        own: null,
      },
    };
  },
  obstacle: () => null,
  stalenessOf: () => null,
  lastAnswer: () => null,
  checkFit: (image, info) => (image.imageHash === info.image ? 'current' : 'fits'),
  commit({ action }, { bootCount }) {
    if (action === 'ping') throw new SpacepackError('usage', 'Expected an image; a toy answers no ping.');
    return { memory: { starts: bootCount ?? 0 }, trigger: null };
  },
  liveCommit: ({ bootCount }, trigger) =>
    trigger.kind === 'intact'
      ? { action: 'install', nonce: '0'.repeat(32), sha256: null, memory: { starts: bootCount ?? 0 } }
      : null,
  isInert: () => false,
  trace({ memory, newImage }, info, { answer, trigger }) {
    if ((info.bootCount ?? 0) === memory.starts)
      return { kind: trigger.kind === 'intact' ? 'waiting' : 'never-arrived' };
    const code = info.image === newImage ? 'applied' : answer.kind === 'intact' ? 'rejected-other' : 'not-applied';
    return { kind: 'answered', testimony: { info, judgement: { code }, detail: '', isNamed: false } };
  },
  judgeLeaving: () => null,
  words: () => ({}),
  isLater: (one, other) => one.starts > other.starts,
  parseMemory: (value) => value as { readonly starts: number },
};
