import type { Card } from '../cards/card.ts';
import type { UsbDevice } from '../device.ts';
import type { Board } from './board.ts';
import { openJournal } from './journal.ts';
import { live } from './life.ts';
import type { NonVolatileMemory } from './nonvolatile.ts';
import type { DeviceSettings } from './settings.ts';
import { inquiryRevision } from './tell.ts';
import type { Outcome, Pause, TroubleAt, Work } from './work.ts';

/** One thing that the device did. */
export interface LogEntry {
  /** By the clock that was handed in. */
  readonly atMs: number;
  readonly message: string;
}

export interface FirmwareOptions {
  readonly settings: DeviceSettings;
  readonly memory: NonVolatileMemory;
  /** The control volume as it is now; `null`: no card, or none with a FAT volume that the device reads. */
  readonly card: () => Card | null;
  /** ms, never backwards. */
  readonly now: () => number;
  readonly random: (bytes: number) => Uint8Array;
  /** Default 80. */
  readonly batteryPercent?: number;
  readonly log?: (entry: LogEntry) => void;
  readonly troubleAt?: TroubleAt;
}

/**
 * The firmware of a SpacePack, bootloader included: it lives through `run`, which does all that is due. Whoever drives it
 * calls `run` at `nextWakeMs`; the events call it by themselves.
 */
export interface Firmware extends UsbDevice {
  readonly settings: DeviceSettings;
  readonly memory: NonVolatileMemory;
  readonly mode: 'application' | 'bootloader';
  /** MCUboot hash of the running image; `null` in mode `bootloader`. */
  readonly runningHash: string | null;

  plug(): void;
  unplug(): void;
  /** Cable and battery both give nothing: all that is not in `memory` is forgotten. */
  losePower(): void;
  restorePower(): void;
  setBattery(percent: number): void;
}

/** A device that is not plugged in yet; its application starts at the first `run` or event. */
export function createFirmware(options: FirmwareOptions): Firmware {
  const { settings, memory, now } = options;
  const board = createBoard(options);
  const runner = createRunner(board, options.troubleAt ?? (() => null));

  const event = (change: () => void) => () => {
    change();
    runner.run();
  };
  return {
    settings,
    memory,
    get onBus() {
      return board.onBus;
    },
    get ready() {
      return board.onBus && board.ready;
    },
    get hasLeftByItself() {
      return !board.onBus && board.plugged && runner.hasPower;
    },
    get attachCount() {
      return memory.bootCount;
    },
    get mode() {
      return board.running.mode;
    },
    get runningHash() {
      return board.running.mode === 'application' ? board.running.hash : null;
    },
    get revision() {
      return inquiryRevision(board);
    },
    plug: event(() => {
      board.plugged = true;
    }),
    unplug: event(() => {
      if (board.onBus) board.log('loses the bus: the cable was pulled');
      board.plugged = false;
      board.onBus = false;
    }),
    losePower: () => runner.losePower(),
    restorePower: () => runner.restorePower(),
    setBattery(percent) {
      board.batteryPercent = percent;
    },
    hostConfigured: event(() => {
      board.configured = board.onBus;
    }),
    hostWrote: event(() => noteWrite(board, now())),
    hostEjected: event(() => {
      board.ejected = board.onBus && board.ready;
    }),
    run: () => runner.run(),
    nextWakeMs: () => runner.nextWakeMs(),
  };
}

function createBoard(options: FirmwareOptions): Board {
  const { settings, memory, card, now, random, log } = options;
  return {
    settings,
    memory,
    journal: openJournal(memory.journal),
    card,
    now,
    random,
    log: (message) => log?.({ atMs: now(), message }),
    plugged: false,
    batteryPercent: options.batteryPercent ?? 80,
    onBus: false,
    ready: false,
    configured: false,
    running: { mode: 'bootloader' },
    session: '',
    lastWriteMs: null,
    dirtyMarkIsSet: false,
    dirtyMarkWasSet: false,
    ejected: false,
    doneTrigger: null,
  };
}

/** A write counts only in a session; of the dirty mark, only a step from clear to set does (protocol §7.3 a). */
function noteWrite(board: Board, nowMs: number): void {
  if (!board.onBus || !board.ready) return;
  const isSet = board.card()?.dirty() ?? false;
  if (isSet && !board.dirtyMarkIsSet) board.dirtyMarkWasSet = true;
  board.dirtyMarkIsSet = isSet;
  board.lastWriteMs = nowMs;
}

interface Runner {
  readonly hasPower: boolean;
  run(): void;
  losePower(): void;
  restorePower(): void;
  nextWakeMs(): number | null;
}

/** Drives the device's life from pause to pause. */
function createRunner(board: Board, troubleAt: TroubleAt): Runner {
  let life: Work<never> | null = live(board);
  let pause: Pause | null = null;
  let outcome: Outcome = 'done';
  let isHung = false;
  let isRunning = false;

  const losePower = () => {
    if (life === null) return;
    board.log('loses all power');
    life = null;
    board.onBus = false;
    board.ready = false;
    board.doneTrigger = null;
  };
  const next = () => {
    if (life === null) return;
    pause = life.next(outcome).value;
    const trouble = troubleAt(pause.step);
    outcome = trouble === 'fail' ? 'fail' : 'done';
    isHung = trouble === 'hang';
    if (trouble === 'lose-power') losePower();
  };
  const isDue = () => life !== null && !isHung && (pause === null || pause.over());
  const run = () => {
    // An event from inside, by whoever makes trouble, is seen by the loop that runs already.
    if (isRunning) return;
    isRunning = true;
    try {
      while (isDue()) next();
    } finally {
      isRunning = false;
    }
  };
  return {
    get hasPower() {
      return life !== null;
    },
    run,
    losePower,
    restorePower() {
      if (life !== null) return;
      board.log('has power again');
      life = live(board);
      [pause, outcome, isHung] = [null, 'done', false];
      run();
    },
    nextWakeMs: () => (life === null || isHung ? null : (pause?.wakeMs() ?? (pause === null ? board.now() : null))),
  };
}
