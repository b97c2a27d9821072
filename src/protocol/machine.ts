import type { Commitment, Judgement, Testimony } from './commitment.ts';
import type { DeviceInfo, Timing } from './device-info.ts';
import type { FaultCode } from './faults.ts';
import type { Identity } from './identity.ts';
import type { MountedVolume } from './sight.ts';

/** A device that may be written to: it says who it is, nothing contradicts that, and nobody has a claim on it. */
export interface ReadyDevice {
  readonly volume: MountedVolume;
  readonly info: DeviceInfo;
}

/**
 * Whose commitment is being followed: this run's (`own`); an earlier run's of this computer, for the same action and
 * image (`earlier`) or for something else (`foreign`); or one that this computer has no record of (`stranger`), whose
 * end is not reported. The last two must have ended before this run may begin.
 */
export type Origin = 'own' | 'earlier' | 'foreign' | 'stranger';

/** A commit that the run is waiting for. */
export interface Pending {
  readonly commitment: Commitment;
  readonly origin: Origin;
  readonly timing: Timing;
  /** The device that it was committed to. */
  readonly device: Identity;
  /** The other attachments at that time: a drive that was there all along is not one that has returned. */
  readonly others: readonly string[];
  /** Writing the trigger reported an error. */
  readonly isDoubtful?: boolean;
}

interface Committed {
  readonly round: number;
  readonly pending: Pending;
}

/** The state of an update. Each state carries just what is known by then. */
export type State =
  | { readonly phase: 'discover'; readonly round: number }
  | { readonly phase: 'identify'; readonly round: number; readonly volume: MountedVolume }
  | { readonly phase: 'stage'; readonly round: number; readonly device: ReadyDevice }
  | { readonly phase: 'commit'; readonly round: number; readonly device: ReadyDevice }
  | ({ readonly phase: 'release'; readonly volume: MountedVolume } & Committed)
  /** `left`: the volume before the device goes away. `volume`: the same one while the system still has it mounted. */
  | ({ readonly phase: 'depart'; readonly left: MountedVolume; readonly volume: MountedVolume | null } & Committed)
  /** `left`: `null` if it was away before this run began. */
  | ({ readonly phase: 'return'; readonly left: MountedVolume | null } & Committed)
  /** `testimony`: what it said when it was found, if it was read then. */
  | ({ readonly phase: 'confirm'; readonly volume: MountedVolume; readonly testimony: Testimony | null } & Committed)
  | { readonly phase: 'done'; readonly code: FaultCode; readonly commitment: Commitment | null };

export type Phase = State['phase'];
export type StateOf<P extends Phase> = Extract<State, { phase: P }>;

/** What happened, as far as the machine needs to know. */
export type Event =
  | { readonly type: 'found'; readonly volume: MountedVolume }
  /** The device is not there, but a commitment made before this run is open: it may be on its way back. */
  | { readonly type: 'away'; readonly pending: Pending }
  /** Nothing needs to be written, or `--dry-run` forbids it. */
  | { readonly type: 'satisfied'; readonly code: FaultCode }
  | { readonly type: 'ready'; readonly device: ReadyDevice; readonly stage: boolean }
  /** The device still holds the live trigger of a commitment made before this run. */
  | { readonly type: 'joined'; readonly pending: Pending; readonly volume: MountedVolume }
  /** The device has already returned since a commitment: there was nothing to wait for. */
  | { readonly type: 'answered'; readonly pending: Pending; readonly volume: MountedVolume }
  | { readonly type: 'staged'; readonly device: ReadyDevice }
  /** `volume`: as it is mounted now. */
  | { readonly type: 'committed'; readonly pending: Pending; readonly volume: MountedVolume }
  /** The trigger's write failed and the drive is gone: the trigger may or may not have arrived. */
  | { readonly type: 'vanished'; readonly pending: Pending }
  /** `volume` if the system still has it mounted. */
  | { readonly type: 'released'; readonly volume: MountedVolume | null }
  | { readonly type: 'departed' }
  | { readonly type: 'returned'; readonly volume: MountedVolume; readonly testimony: Testimony | null }
  | { readonly type: 'judged'; readonly judgement: Judgement }
  /** What a stranger had committed is over, however it ended. */
  | { readonly type: 'settled' }
  | { readonly type: 'gave-up'; readonly code: FaultCode };

/** How often a run commits at most: once, and once more if the verdict says that is safe (protocol §10.2). */
const MOST_ROUNDS = 2;

function afterJudgement(state: StateOf<'confirm'>, { code, next }: Judgement): State {
  const { round, volume, pending } = state;
  const { origin, commitment } = pending;
  if (origin === 'foreign') return { phase: 'identify', round, volume };
  const succeeded = code === 'applied' || code === 'ping-answered';
  // This run is here to do what the earlier one did not manage.
  if (origin === 'earlier' && !succeeded) return { phase: 'identify', round, volume };
  if (next === 'again' && round < MOST_ROUNDS) return { phase: 'identify', round: round + 1, volume };
  return { phase: 'done', code, commitment };
}

/** The next state. Throws a TypeError for an event that cannot happen in the state. */
export function advance(state: State, event: Event): State {
  const impossible = (): never => {
    throw new TypeError(`${event.type} cannot happen while in ${state.phase}`);
  };
  if (state.phase === 'done') return impossible();
  const { round } = state;
  if (event.type === 'gave-up') {
    if (isWaitingForStranger(state)) return { phase: 'done', code: 'device-busy', commitment: null };
    return { phase: 'done', code: event.code, commitment: isCommitted(state) ? state.pending.commitment : null };
  }
  switch (state.phase) {
    case 'discover':
      if (event.type === 'found') return { phase: 'identify', round, volume: event.volume };
      if (event.type === 'away') return { phase: 'return', round, pending: event.pending, left: null };
      return impossible();
    case 'identify':
      if (event.type === 'satisfied') return { phase: 'done', code: event.code, commitment: null };
      if (event.type === 'ready') return { phase: event.stage ? 'stage' : 'commit', round, device: event.device };
      if (event.type === 'joined') return { phase: 'release', round, pending: event.pending, volume: event.volume };
      if (event.type === 'answered') return answered(round, event);
      return impossible();
    case 'stage':
      if (event.type === 'staged') return { phase: 'commit', round, device: event.device };
      return impossible();
    case 'commit':
      if (event.type === 'committed') return { phase: 'release', round, pending: event.pending, volume: event.volume };
      if (event.type === 'vanished') {
        return { phase: 'depart', round, pending: event.pending, left: state.device.volume, volume: null };
      }
      if (event.type === 'answered') return answered(round, event);
      return impossible();
    case 'release':
      if (event.type === 'released') {
        return { phase: 'depart', round, pending: state.pending, left: state.volume, volume: event.volume };
      }
      return impossible();
    case 'depart':
      if (event.type === 'departed') {
        return { phase: 'return', round, pending: state.pending, left: state.left };
      }
      // It left and came back unseen, on a system that gives both attachments one name.
      if (event.type === 'returned') return confirming(state, event);
      // It does not come back, and its leaving says what can be said.
      if (event.type === 'judged')
        return { phase: 'done', code: event.judgement.code, commitment: state.pending.commitment };
      return impossible();
    case 'return':
      if (event.type === 'returned') return confirming(state, event);
      return impossible();
    case 'confirm':
      if (event.type === 'judged') return afterJudgement(state, event.judgement);
      if (event.type === 'settled') return { phase: 'identify', round, volume: state.volume };
      // It left again before it had answered: a trial start, for example.
      if (event.type === 'departed') {
        return { phase: 'return', round, pending: state.pending, left: state.volume };
      }
      return impossible();
  }
}

function confirming(
  { round, pending }: StateOf<'depart' | 'return'>,
  { volume, testimony }: Extract<Event, { type: 'returned' }>,
): State {
  return { phase: 'confirm', round, pending, volume, testimony };
}

function answered(round: number, { pending, volume }: Extract<Event, { type: 'answered' }>): State {
  return { phase: 'confirm', round, pending, volume, testimony: null };
}

type Following = StateOf<'release' | 'depart' | 'return' | 'confirm'>;

function isFollowing(state: State): state is Following {
  return state.phase === 'release' || state.phase === 'depart' || state.phase === 'return' || state.phase === 'confirm';
}

function isWaitingForStranger(state: State): boolean {
  return isFollowing(state) && state.pending.origin === 'stranger';
}

/** Whether the run follows a commit of this computer, which cannot be called off. Waiting for a stranger's can. */
export function isCommitted(state: State): state is Following {
  return isFollowing(state) && !isWaitingForStranger(state);
}
