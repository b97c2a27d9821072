import { SpacepackError } from '../protocol/errors.ts';
import type { Drive } from '../protocol/sight.ts';
import type { StepResult } from '../protocol/steps.ts';
import type { Flash, FlashWitness } from '../volume/port.ts';

/** What came of opening; `told`: a sentence for people, the first time that it is not to be had. */
interface Opening {
  readonly result: StepResult;
  readonly told: string | null;
}

/** The flash memory that a run has opened, for the attachment that it opened it for. */
export interface OpenedFlash {
  open(drive: Drive, space: number): Promise<Opening>;
  read(address: number, lengthBytes: number): Promise<StepResult>;
  /** Rejects with a SpacepackError that decides nothing. */
  reboot(): Promise<void>;
  /** Does not reject. */
  close(): Promise<void>;
}

const ABSENT: StepResult = { kind: 'absent' };
const DONE: StepResult = { kind: 'done', bytes: new Uint8Array() };

function failed(thrown: unknown): StepResult {
  if (!(thrown instanceof SpacepackError)) throw thrown;
  return { kind: 'failed', why: thrown.message };
}

export function createOpenedFlash(witness: FlashWitness | undefined): OpenedFlash {
  let opened: { readonly flash: Flash; readonly place: string } | null = null;
  const told = new Set<string>();

  async function close(): Promise<void> {
    const { flash } = opened ?? {};
    opened = null;
    await flash?.close();
  }
  return {
    async open(drive, space) {
      const place = `${space}@${drive.attachment}`;
      if (opened?.place === place) return { result: DONE, told: null };
      await close();
      if (witness === undefined) return { result: ABSENT, told: null };
      try {
        const answer = await witness.open(drive, space);
        if (answer.kind === 'open') {
          opened = { flash: answer.flash, place };
          return { result: DONE, told: null };
        }
        const { why, remedy } = answer;
        const isNew = why !== null && !told.has(why);
        if (why !== null) told.add(why);
        return { result: ABSENT, told: isNew ? `The flash memory cannot be read: ${why}. ${remedy}`.trim() : null };
      } catch (thrown) {
        return { result: failed(thrown), told: null };
      }
    },
    async read(address, lengthBytes) {
      if (opened === null) throw new TypeError('nothing that shows the flash memory has been opened');
      return opened.flash.read(address, lengthBytes).then((bytes) => ({ kind: 'done', bytes }), failed);
    },
    async reboot() {
      if (opened === null) throw new TypeError('nothing that shows the flash memory has been opened');
      await opened.flash.reboot();
    },
    close,
  };
}
