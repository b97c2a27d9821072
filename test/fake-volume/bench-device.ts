import { type Card, RESERVED, type ReservedName, reservedPath } from './cards/card.ts';
import { cardOf, createMedium, fileNode, type Medium, putNode } from './cards/medium.ts';
import { mediumContent } from './cards/medium-content.ts';
import { createVirtualClock } from './memory/virtual-clock.ts';
import { createDevice, type SimulatedDevice, type SpacepackOptions } from './spacepack/device.ts';
import { type Fields, readText } from './spacepack/grammar.ts';
import type { TriggerOptions } from './spacepack/trigger-build.ts';

/** A device on a bench: a card in memory, time that passes only by hand, and a host that only configures. */
export interface BenchDevice extends SimulatedDevice {
  readonly medium: Medium;
  /** ms. */
  now(): number;
  /** Lets time pass; the device does all that falls due. */
  pass(ms: number): void;
  /** Bytes of a reserved file reach the card. */
  hostWrites(name: ReservedName, bytes: Uint8Array): void;
  /** The host sets the dirty mark, as a mount for writing does. */
  hostMounts(): void;
  /** The host clears the dirty mark, as an unmount does. */
  hostUnmounts(): void;
  /** The fields of INFO.TXT as it is on the card, keys in lower case; empty if it is not intact. */
  info(): Fields;
  status(): Fields;
  /** What a trigger of the present session must say. */
  present(nonce?: string): TriggerOptions;
}

export interface BenchOptions extends SpacepackOptions {
  /** Whether a host configures the device 100 ms after it attached. Default `true`; a charger never does. */
  readonly configures?: boolean;
}

const CONFIGURE_MS = 100;
const AT_REST_MS = 5_000;

/**
 * A device that has been attached for a while, on a clean card. Throws, at any time, when the firmware writes to the card
 * while a host may (protocol §9.1).
 */
export function createBenchDevice(options: BenchOptions = {}): BenchDevice {
  const clock = createVirtualClock();
  const medium = createMedium({ scheme: 'mbr', fileSystem: 'fat32', label: 'BENCH', sizeBytes: 1024 ** 3 });
  let wasOnBus = false;
  const device = createDevice(options, 0, {
    now: clock.now,
    later: clock.later,
    card: () => guarded(cardOf(medium), () => device.firmware.ready),
    content: mediumContent(medium),
    prepareCard: () => {},
    leaveMountFolder: () => {},
    observe: () => observe(),
  });
  const { firmware } = device;
  const observe = () => {
    if (firmware.onBus && !wasOnBus && options.configures !== false) clock.later(CONFIGURE_MS, firmware.hostConfigured);
    wasOnBus = firmware.onBus;
  };
  clock.add({
    nextWakeMs: () => firmware.nextWakeMs(),
    run() {
      firmware.run();
      observe();
    },
  });
  const setDirtyMark = (isSet: boolean) => {
    medium.dirtyMark = isSet;
    firmware.hostWrote();
  };
  const fields = (name: ReservedName): Fields => {
    const text = readText(device.card.read(reservedPath(name)) ?? new Uint8Array(), 4096);
    return text.kind === 'intact' ? text.fields : new Map();
  };
  device.plug();
  clock.pass(AT_REST_MS);
  return {
    ...device,
    medium,
    now: clock.now,
    pass: clock.pass,
    hostWrites(name, bytes) {
      putNode(medium, reservedPath(name), fileNode(bytes));
      firmware.hostWrote();
    },
    hostMounts: () => setDirtyMark(true),
    hostUnmounts: () => setDirtyMark(false),
    info: () => fields(RESERVED.info),
    status: () => fields(RESERVED.status),
    present: (nonce = 'c0'.repeat(16)) => ({
      nonce,
      serial: device.serial,
      bootCount: firmware.memory.bootCount,
      session: fields(RESERVED.info).get('session') ?? '',
    }),
  };
}

/** The card, but that no write passes while a host could see it. */
function guarded(card: Card | null, isReady: () => boolean): Card | null {
  if (card === null) return null;
  const whileAway =
    <Arguments extends readonly unknown[]>(action: (...given: Arguments) => boolean) =>
    (...given: Arguments): boolean => {
      if (isReady()) throw new TypeError('the firmware wrote to the card while a host may (protocol §9.1)');
      return action(...given);
    };
  return { ...card, rewrite: whileAway(card.rewrite), create: whileAway(card.create), remove: whileAway(card.remove) };
}
