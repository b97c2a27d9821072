import { UNTOLD } from '../device-info.ts';
import { SpacepackError } from '../errors.ts';
import type { Family, Words } from '../family.ts';
import type { FaultCode } from '../faults.ts';
import type { Drive, Volume } from '../sight.ts';
import { uf2Format } from './format.ts';
import { parseUf2Info } from './info.ts';
import { parseUf2Memory, type Uf2Memory } from './memory.ts';
import { RP2_IDS } from './picoboot.ts';
import { requireKnownFit, type Uf2Board } from './plan.ts';
import { uf2Programming } from './programming.ts';

/** The longest INFO_UF2.TXT of a known bootloader has less than 400 bytes. */
const INFO_LIMIT = 4096;
const INFO = { path: 'INFO_UF2.TXT', limitBytes: INFO_LIMIT } as const;

const timing = { quietMs: 1_000, quietDirtyMs: 3_000, maxAwayMs: 0 };

const AGAIN = 'Unplug the board, plug it in again so that it starts its bootloader, and repeat the command.';
const PRESS = 'Press its reset button, or unplug it and plug it in again.';

/** True of a commit that was not judged, whatever was reached. */
const OPEN: Words = { meaning: 'What the flash memory of the board holds now is not known.', remedy: AGAIN };

const WORDS: Partial<Record<FaultCode, Words>> = {
  applied: { meaning: 'The flash memory holds the new firmware, and the board left to start it.' },
  'already-current': { meaning: 'The flash memory holds this firmware already.' },
  'image-too-large': { meaning: 'The image has addresses that the board does not have.' },
  'image-wrong-device': { meaning: 'The image is for another kind of board.' },
  'lost-track': OPEN,
  abandoned: OPEN,
  'timed-out': OPEN,
};

function neverLeft(memory: Uf2Memory): Words {
  if (memory.proven !== 'no') {
    return { meaning: 'The flash memory holds the new firmware, but the board did not leave.', remedy: PRESS };
  }
  return { meaning: 'The board did not leave, and its flash memory was not read.', remedy: AGAIN };
}

/** The first volume with FAT: some boards have a partition table, others do not. */
function controlVolume({ volumes, usb }: Drive): Volume | null {
  return volumes.find(({ fileSystem }) => usb === null || fileSystem?.startsWith('fat')) ?? null;
}

/** Boards in a bootloader that takes UF2 files and is known by INFO_UF2.TXT. */
export const uf2: Family<Uf2Board, Uf2Memory> = {
  id: 'uf2',
  name: 'UF2 board',
  usb: RP2_IDS,
  isKnownByFiles: true,
  inquiry: null,
  model: null,
  folder: '',
  files: {
    info: INFO,
    answer: { ...INFO, isAlwaysThere: true },
    trigger: { path: 'COMMIT.UF2', limitBytes: 1024 },
    others: [],
    payload: null,
  },
  write: { syncBytes: 1024 * 1024, spareBytes: 64 * 1024 },
  patience: {
    settleMs: 2_000,
    mountMs: 3_000,
    tornMs: 0,
    stallMs: 60_000,
    leaveMs: 7_000,
    returnMs: 10_000,
    answerMs: 0,
  },
  returns: 'never',
  programming: uf2Programming,
  usualAwayMs: 0,
  publicKeys: [],
  images: [uf2Format],

  actions: null,

  controlVolume,
  hintOf: () => null,
  parseInfo(bytes, { usb }) {
    const parsed = parseUf2Info(bytes);
    if (parsed.kind !== 'intact') return parsed;
    const usbFamilyId = usb === null ? null : ((usb.vendorId << 16) | usb.productId) >>> 0;
    const { value: info } = parsed;
    return {
      kind: 'intact',
      value: { ...UNTOLD, mode: 'bootloader', model: info.boardId, timing, own: { info, usbFamilyId } },
    };
  },
  obstacle: () => null,
  stalenessOf: () => null,
  lastAnswer: () => null,

  checkFit(image, { own }) {
    requireKnownFit(image, own);
    return 'fits';
  },
  commit({ action }) {
    if (action === 'ping') throw new SpacepackError('usage', 'Expected an image; a UF2 board answers no ping.');
    return { memory: { proven: 'no' }, trigger: null };
  },
  liveCommit: () => null,
  // What was written is not kept, and the board does not look at names.
  isInert: () => true,
  // It is in its bootloader again, or still: whatever became of the commit, nothing of it is left to act on.
  trace: () => ({ kind: 'over' }),
  judgeLeaving({ memory }, isDoubtful) {
    if (memory.proven === 'all') return { code: 'applied' };
    if (memory.proven === 'until-commit') return { code: 'rewritten-last' };
    return { code: isDoubtful && memory.isSent !== true ? 'left-while-writing' : 'received' };
  },
  words: (code, commitment) =>
    code === 'never-left' && commitment !== null ? neverLeft(commitment.memory) : (WORDS[code] ?? {}),
  isLater: () => false,
  parseMemory: parseUf2Memory,
};
