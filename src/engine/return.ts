import type { Testimony } from '../protocol/commitment.ts';
import type { FaultCode } from '../protocol/faults.ts';
import { compareIdentities, compareSerials, identityOf } from '../protocol/identity.ts';
import type { Event, StateOf } from '../protocol/machine.ts';
import type { Drive, MountedVolume } from '../protocol/sight.ts';
import { type RunContext, tolerantly, until } from './context.ts';
import { hear, testimonyOf } from './hear.ts';
import { TORN_LOOK_MS } from './reading.ts';
import { createMounter, familyDrives, othersIn, writable } from './sighting.ts';

type Missing = Extract<
  FaultCode,
  'never-returned' | 'returned-unmounted' | 'returned-unreadable' | 'returned-stale' | 'no-answer'
>;

/** How often to look for a device that is away when nothing wakes us, in ms: looking is the main cost of waiting. */
const AWAY_LOOK_MS = 5_000;

/** What is missing before the device counts as returned; or the volume that it returned with, and what that says. */
type Look =
  | { readonly missing: Missing; readonly hint?: string | null }
  | { readonly volume: MountedVolume; readonly testimony: Testimony };

/** Attached again; or, on a system that gives both attachments one name, no longer mounted as before. */
function hasCome(drive: Drive, left: MountedVolume | null): boolean {
  if (left === null || drive.attachment !== left.drive.attachment) return true;
  return !drive.volumes.some(({ mount }) => mount?.id === left.mount.id);
}

/** Waits for the same device at a greater boot count, readable (protocol §7.1). */
export async function awaitReturn(context: RunContext, state: StateOf<'return'>): Promise<Event> {
  const { left } = state;
  const { commitment, timing, device, others } = state.pending;
  const mountedVolume = createMounter(context);
  let isBlind = false;

  const lookAt = async (drive: Drive): Promise<Look> => {
    // A device at another port may have been moved there or be another one: it is read without writing to it.
    const isSame = compareIdentities(device, identityOf(drive)) === 'same';
    const volume = await tolerantly(context, () => mountedVolume(drive, isSame ? {} : { readOnly: true }));
    if (volume === null) return { missing: isSame ? 'returned-unmounted' : 'never-returned' };
    const heard = await tolerantly(context, () => hear(context, volume, commitment));
    if (heard === null || heard.info.kind !== 'intact') {
      return { missing: isSame ? 'returned-unreadable' : 'never-returned' };
    }
    if (compareSerials(heard.info.value.serial, commitment.serial) === 'other') return { missing: 'never-returned' };
    const testimony = testimonyOf(heard);
    // Another device may have the same serial: without the port, only the nonce proves which one answers.
    if (!isSame && testimony?.isNamed !== true) {
      const where = `at ${drive.usb?.port ?? drive.id}`;
      context.findings.detail = `A device with the serial ${commitment.serial} is there, ${where}, but nothing proves that it is this one.`;
      return { missing: 'never-returned' };
    }
    // Only files that count the starts of the device show that they are from before.
    const unanswered = heard.info.value.bootCount === null ? 'no-answer' : 'returned-stale';
    if (testimony === null) return { missing: unanswered };
    const own = await tolerantly(context, () => writable(context, volume));
    return own === null ? { missing: 'returned-unmounted' } : { volume: own, testimony };
  };

  const mayBe = (drive: Drive): boolean =>
    !others.includes(drive.attachment) &&
    compareSerials(commitment.serial, drive.usb?.serial ?? null) !== 'other' &&
    hasCome(drive, left);

  const look = async (): Promise<Look> => {
    const seen = await tolerantly(context, () => familyDrives(context));
    isBlind = seen === null;
    const drives = seen ?? [];
    let nearest: Look = { missing: 'never-returned' };
    for (const drive of drives.filter(mayBe)) {
      const found = await lookAt(drive);
      if ('volume' in found) {
        context.findings.others = othersIn(drives, drive);
        return found;
      }
      if (found.missing !== 'never-returned') nearest = { ...found, hint: context.family.hintOf(drive) };
    }
    return nearest;
  };

  const event = await waitInStages(context, timing.maxAwayMs, look);
  // If no look worked, nothing shows that it stayed away.
  return event.type === 'gave-up' && isBlind ? { ...event, code: 'lost-track' } : event;
}

/** Each missing thing has its own patience, which starts again when the device gets further. */
async function waitInStages(context: RunContext, maxAwayMs: number, look: () => Promise<Look>): Promise<Event> {
  const { returnMs } = context.family.patience;
  let missing: Missing = 'never-returned';
  let hint: string | null = null;
  for (;;) {
    const patienceMs: number = missing === 'never-returned' ? maxAwayMs + returnMs : returnMs;
    const changed: Look | null = await until<Look>(
      context,
      patienceMs,
      async () => {
        const found = await look();
        return 'volume' in found || found.missing !== missing ? found : null;
      },
      missing === 'never-returned' ? AWAY_LOOK_MS : TORN_LOOK_MS,
    );
    if (changed === null) {
      const witness = hint === null ? '' : ` Its USB identity hints at ${hint}, which proves nothing.`;
      const reason = context.findings.detail ?? 'Waited for the device.';
      context.findings.detail = `${reason} Gave up after ${patienceMs} ms without progress.${witness}`;
      return { type: 'gave-up', code: missing };
    }
    if ('volume' in changed) return { type: 'returned', ...changed };
    missing = changed.missing;
    hint = changed.hint ?? null;
  }
}
