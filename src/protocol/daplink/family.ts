import { type DeviceInfo, UNTOLD } from '../device-info.ts';
import { SpacepackError } from '../errors.ts';
import type { Family } from '../family.ts';
import { hexFormat } from '../firmware/intel-hex/format.ts';
import { rawFormat, rawHeadOf } from '../firmware/raw-format.ts';
import type { ImageFacts } from '../image-facts.ts';
import type { Drive, Volume } from '../sight.ts';
import { ACTIONS } from './actions.ts';
import { DETAILS_LIMIT, parseDetails } from './details.ts';
import { FAIL_LIMIT } from './fail.ts';
import { ASSERT_PATH, type Before, before, FIRMWARE_PATHS, isBefore, type Probe, trace } from './verdict.ts';

function describe(probe: Probe): DeviceInfo<Probe> {
  return {
    ...UNTOLD,
    serial: probe.uniqueId,
    mode: probe.mode,
    bootCount: probe.remounts,
    // It takes its medium away half a second after a whole file, and 20 s after half of one.
    timing: { quietMs: 1_000, quietDirtyMs: 20_000, maxAwayMs: 10_000 },
    own: probe,
  };
}

/** It is not partitioned. While its medium is away there is none. */
function controlVolume({ volumes: [first] }: Drive): Volume | null {
  return first?.fileSystem?.startsWith('fat') === true ? first : null;
}

/** The most that its drive takes: it shows 64 MiB. */
const MOST_BYTES = 64 * 1024 * 1024;

/** The drive of a probe is imagined, and shows 64 MiB: a stick with a copy of a probe's files on it is larger. */
const MOST_DRIVE_BYTES = 512 * 1024 * 1024;

/**
 * A raw binary is taken for a program only if it begins with the table of vectors of a Cortex-M: the stack pointer, in RAM,
 * and the address of the first instruction, which is odd. Else the probe waits for the beginning until its time is up.
 */
function requireVectors(image: ImageFacts): void {
  if (image.sizeBytes > MOST_BYTES) {
    throw new SpacepackError('image-too-large', `Expected at most ${MOST_BYTES} bytes, found ${image.sizeBytes}.`);
  }
  const head = rawHeadOf(image);
  if (head === null) return;
  const refused = (found: string): SpacepackError =>
    new SpacepackError('image-structure', `Expected a table of vectors at the beginning, found ${found}.`);
  if (head.length < 8) throw refused(`${head.length} bytes`);
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  const [stack, reset] = [view.getUint32(0, true), view.getUint32(4, true)];
  if (stack >>> 28 < 1 || stack >>> 28 > 3 || stack % 4 !== 0) throw refused('no stack pointer in RAM');
  if (reset % 2 === 0) throw refused('no first instruction');
}

/** A debug probe with Arm's DAPLink, or a fork of it: it programs the chip beside it with the file that it is given. */
export const daplink: Family<Probe, Before> = {
  id: 'daplink',
  name: 'DAPLink probe',
  // Of Arm's own firmware and its bootloader (usb_config.h); makers of boards have others.
  usb: [{ vendorId: 0x0d28, productId: 0x0204 }],
  isKnownByFiles: true,
  inquiry: null,
  model: null,
  folder: '',
  files: {
    info: { path: 'DETAILS.TXT', limitBytes: DETAILS_LIMIT },
    answer: { path: 'FAIL.TXT', limitBytes: FAIL_LIMIT, isAlwaysThere: false },
    others: [
      { path: ASSERT_PATH, limitBytes: FAIL_LIMIT },
      { path: FIRMWARE_PATHS.bin, limitBytes: 0 },
    ],
    trigger: { path: FIRMWARE_PATHS.hex, limitBytes: 0 },
    payload: null,
  },
  // One fsync, at the end: half a binary whose entry has its size would be taken for a whole one.
  write: { syncBytes: 128 * 1024 * 1024, spareBytes: 64 * 1024 },
  patience: {
    settleMs: 5_000,
    mountMs: 3_000,
    tornMs: 5_000,
    // The file is programmed while it is written, at some 10 KiB a second.
    stallMs: 600_000,
    leaveMs: 15_000,
    returnMs: 30_000,
    answerMs: 5_000,
  },
  returns: 'in-place',
  programming: null,
  usualAwayMs: 3_000,
  publicKeys: [],
  images: [hexFormat, rawFormat],
  actions: { blankPath: 'BLANK.TXT', all: ACTIONS },

  controlVolume,
  hintOf: () => null,
  parseInfo(bytes, { attachment, usb, sizeBytes }) {
    // Of a plain folder, that is the size of the disk it is on.
    if (usb !== null && sizeBytes > MOST_DRIVE_BYTES) {
      return { kind: 'absent', why: `expected a drive of at most ${MOST_DRIVE_BYTES} bytes, found ${sizeBytes}` };
    }
    const parsed = parseDetails(bytes);
    return parsed.kind === 'intact' ? { kind: 'intact', value: describe({ ...parsed.value, attachment }) } : parsed;
  },
  obstacle({ mode }) {
    if (mode === 'application') return null;
    return new SpacepackError(
      'not-ready',
      'Expected the mode Interface, found Bootloader: it takes firmware of its own.',
      {
        remedy: 'Unplug the device, plug it in again without pressing its button, and repeat the command.',
      },
    );
  },
  stalenessOf: () => null,
  lastAnswer: () => null,
  words: () => ({}),

  checkFit(image) {
    requireVectors(image);
    return 'fits';
  },
  commit(wanted, { own }, _nonce, witnesses) {
    if (wanted.action === 'ping') {
      throw new SpacepackError('usage', 'Expected an image, found a ping, which a DAPLink probe does not answer.');
    }
    const form = wanted.image.format === rawFormat.name ? 'bin' : 'hex';
    return { memory: before(own, witnesses), trigger: null, path: FIRMWARE_PATHS[form] };
  },
  // What is written to the drive cannot be read back.
  liveCommit: () => null,
  isInert: () => false,

  trace,
  judgeLeaving: () => null,
  isLater: (one, other) => (one.remounts ?? 0) > (other.remounts ?? 0),
  parseMemory: (value) => (isBefore(value) ? value : null),
};
