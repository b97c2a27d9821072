import type { UpdateImage } from '../../src/protocol/image-facts.ts';
import { imageOf } from '../engine/play.ts';
import { reservedPath } from '../fake-volume/cards/card.ts';
import {
  buildInstallTrigger,
  buildPayload,
  buildPingTrigger,
  createMemoryWorld,
  type DeviceOptions,
  type MemoryDevice,
  type MemoryProcess,
  type MemoryWorld,
  RESERVED,
} from '../fake-volume/index.ts';
import type { Operation } from '../fake-volume/memory/operations.ts';
import type { OwnCall } from '../fake-volume/memory/stores.ts';
import { fieldOf } from '../fake-volume/scenarios/tamper.ts';
import { writeText } from '../fake-volume/spacepack/grammar.ts';
import type { Story, StoryDevice, StoryEvent, StoryRun, When } from './story.ts';
import { createUsers } from './users.ts';

/** The world of a story, in which its events happen, and what is needed to judge what was done in it. */
export interface Stage {
  readonly story: Story;
  readonly world: MemoryWorld;
  /** Nonces of triggers that no run of ours has written. */
  readonly foreignNonces: ReadonlySet<string>;
  /** Time in which runs could not go on, in ms. */
  readonly meddlingMs: number;
  /** Takes note of a run, and gives the signals that it must heed. */
  began(process: MemoryProcess, run: number | null, as: StoryRun): { cancel: AbortSignal; abandon: AbortSignal };
  ended(process: MemoryProcess): void;
  isOver(): boolean;
  unended(): readonly { readonly text: string }[];
  nameOf(process: MemoryProcess): string;
  /** How a run calls the device that it means. */
  nameFor(run: StoryRun): string;
  /** Whether a device is one of those that a run means. */
  fits(run: StoryRun, device: MemoryDevice): boolean;
  allow(process: MemoryProcess, devices: readonly (MemoryDevice | null)[]): void;
  allowed(process: MemoryProcess): readonly MemoryDevice[];
  /** Nothing goes wrong any more; every device has power, a full battery, a cable, and a port of its own. */
  calmDown(): void;
  changedUserFiles(): readonly string[];
}

const MAJORS = [1, 2, 3] as const;
const CODE_BYTES = 6_000;
const payloads = new Map(
  MAJORS.map((major) => [
    major as number,
    buildPayload({ version: { major }, code: new Uint8Array(CODE_BYTES).fill(major) }),
  ]),
);
const images = new Map<number, Promise<UpdateImage>>();

function payloadOfVersion(major: number): Uint8Array {
  const payload = payloads.get(major);
  if (payload === undefined) throw new TypeError(`there is no version ${major}`);
  return payload;
}

/** The image of a major version, built and checked once. */
export function imageOfVersion(major: number): Promise<UpdateImage> {
  const image = images.get(major) ?? imageOf(payloadOfVersion(major));
  images.set(major, image);
  return image;
}

const SUFFIX_BYTES = 16;
const USER_FILES: ReadonlyMap<string, Uint8Array> = new Map([
  ['DCIM/IMG_0001.JPG', new Uint8Array(5_000).fill(7)],
  ['UPDATE.TRG', Buffer.from('A file of the user, in another folder.\n')],
]);

interface Act {
  readonly process: MemoryProcess;
  readonly run: number | null;
  readonly as: StoryRun;
  readonly cancel: AbortController;
  readonly abandon: AbortController;
  isEnded: boolean;
  allowed: readonly (MemoryDevice | null)[];
}

export function createStage(story: Story): Stage {
  const acts: Act[] = [];
  const foreignNonces = new Set<string>();
  const pending = new Set(story.events);
  let isCalm = false;
  const [failures, lookFailures, ownDisk] = [[...story.failures], [...story.looks], [...story.ownDisk]];
  let calls = 0;
  const callVisits = new Map<OwnCall, number>();
  const strike = (isDue: (event: StoryEvent) => boolean) => {
    if (isCalm) return;
    for (const event of [...pending]) if (isDue(event) && pending.delete(event)) happen(event);
  };
  const world: MemoryWorld = createMemoryWorld({
    host: story.host.automounter ? 'desktop' : 'headless',
    manners: {
      serials: story.host.serials,
      ports: story.host.ports,
      attachments: story.host.attachments,
      wakeUps: story.host.wakeUps,
      mountMs: story.host.mountMs,
    },
    listMs: story.host.listMs,
    lateEntries: story.host.lateEntries,
    devices: story.devices.map((device) => deviceOptions(device, () => isCalm)),
    seed: `swarm ${story.seed}`,
    failures,
    lookFailures,
    ownDisk,
    onOperation: (operation) =>
      strike(
        ({ when }) => ('verb' in when && isAt(when, operation)) || ('step' in when && when.step === operation.number),
      ),
    onOwnCall(_, call) {
      callVisits.set(call, (callVisits.get(call) ?? 0) + 1);
      calls += 1;
      strike(
        ({ when }) =>
          ('call' in when && when.call === call && when.visit === callVisits.get(call)) ||
          ('ownCall' in when && when.ownCall === calls),
      );
    },
  });
  const users = createUsers(world, (of) =>
    story.events.some((event) => event.what === 'foreign' && event.device === of),
  );
  for (const event of story.events) {
    const { when } = event;
    if ('ms' in when) world.later(when.ms, () => strike((candidate) => candidate === event));
  }

  const device = (index: number): MemoryDevice => {
    const found = world.devices[index];
    if (found === undefined) throw new TypeError(`there is no device ${index}`);
    return found;
  };
  const processOf = (run: number) => acts.find((act) => act.run === run && !act.isEnded)?.process;
  function happen(event: StoryEvent): unknown {
    switch (event.what) {
      case 'unplug':
        return device(event.device).unplug();
      case 'plug':
        return plug(event.device);
      case 'wiggle':
        device(event.device).unplug();
        return plug(event.device);
      case 'move': {
        device(event.device).unplug();
        const isTaken = world.devices.some(({ port }) => port === event.port);
        if (!isTaken) device(event.device).port = event.port;
        return world.later(1_500, () => plug(event.device));
      }
      case 'lose-power':
        device(event.device).losePower();
        return world.later(event.backAfterMs, () => device(event.device).restorePower());
      case 'damage':
        return device(event.device).card.damage();
      case 'battery':
        return device(event.device).firmware.setBattery(event.percent);
      case 'kill': {
        const process = processOf(event.run);
        process?.kill();
        return;
      }
      case 'call-off': {
        const act = acts.find(({ run }) => run === event.run);
        act?.cancel.abort();
        return world.later(event.againAfterMs, () => act?.abandon.abort());
      }
      case 'stop': {
        const process = processOf(event.run);
        process?.stop();
        return world.later(event.ms, () => process?.resume());
      }
      case 'sleep':
        return world.sleepThrough(event.ms, event);
      case 'date':
        return world.jumpDate(event.ms);
      case 'foreign':
        return putForeign(device(event.device), event.file, foreignNonces);
      case 'save':
        return users.save(event.device, event.partition, event.name);
    }
  }
  function plug(index: number): void {
    device(index).plug();
  }

  const isDone = (act: Act) => act.isEnded || !act.process.isAlive;
  return {
    story,
    world,
    foreignNonces,
    meddlingMs: story.events.reduce((sum, event) => sum + ('ms' in event && event.what !== 'date' ? event.ms : 0), 0),
    began(process, run, as) {
      const [cancel, abandon] = [new AbortController(), new AbortController()];
      acts.push({ process, run, as, cancel, abandon, isEnded: false, allowed: [] });
      return { cancel: cancel.signal, abandon: abandon.signal };
    },
    ended(process) {
      for (const act of acts) if (act.process === process) act.isEnded = true;
    },
    isOver: () => acts.length >= story.runs.length && acts.every(isDone),
    unended: () =>
      acts
        .filter((act) => !isDone(act))
        .map(({ process, as }) => ({ text: `${as.action} of ${process.user} has not ended` })),
    nameOf(process) {
      const act = acts.find((candidate) => candidate.process === process);
      return act?.run === null ? `the quiet run of ${process.user}` : `run ${(act?.run ?? 0) + 1}`;
    },
    nameFor: (run) => nameFor(device(run.device), run),
    fits: (run, one) => fits(device(run.device), run, one),
    allow(process, devices) {
      for (const act of acts) if (act.process === process) act.allowed = [...act.allowed, ...devices];
    },
    allowed: (process) =>
      acts.filter((act) => act.process === process).flatMap(({ allowed }) => allowed.filter((one) => one !== null)),
    calmDown() {
      isCalm = true;
      for (const list of [failures, lookFailures, ownDisk]) list.length = 0;
      // A run that never ended has been told of; it must not go on beside the quiet ones.
      for (const { process } of acts) process.kill();
      for (const [index, one] of world.devices.entries()) {
        one.unplug();
        one.losePower();
        one.heldBy = null;
        one.repair();
        one.port = `3-${index + 1}`;
        one.firmware.setBattery(90);
        one.restorePower();
        one.plug();
      }
    },
    changedUserFiles: () => users.changed(),
  };
}

function deviceOptions(device: StoryDevice, isCalm: () => boolean): DeviceOptions {
  const { serial, installMs } = device;
  const payload = device.runs === 0 ? null : payloadOfVersion(device.runs);
  return {
    settings: { serial, durations: { erase: installMs, program: installMs } },
    ...(!device.hasUsbSerial && { usbSerial: null }),
    battery: device.battery,
    runs: payload?.subarray(0, payload.length - SUFFIX_BYTES) ?? null,
    plugged: device.plugged,
    ...(device.heldBy !== null && { heldBy: device.heldBy }),
    ...(device.busyEveryMs !== null && { busyEveryMs: device.busyEveryMs }),
    card: {
      label: device.label,
      dirty: device.dirty || device.spoilt === 'dirty',
      isAsGiven: device.spoilt !== 'no',
      rootIsFull: device.spoilt === 'root-full',
      ...(device.spoilt === 'full' && { freeBytes: 0 }),
      files: USER_FILES,
      ...(device.partition !== 'none' && {
        partitions: [{ files: USER_FILES, isInFstab: device.partition === 'fstab' }],
      }),
    },
    troubles: device.troubles.map(({ at, visit, outcome, backAfterMs }) => ({
      at,
      get visits() {
        return isCalm() ? [] : [visit];
      },
      outcome,
      does({ firmware, later }) {
        if (outcome === 'lose-power') later(backAfterMs, firmware.restorePower);
      },
    })),
  };
}

function isAt(when: Extract<When, { verb: unknown }>, operation: Operation): boolean {
  const { verb, path, visit, device } = when;
  return operation.verb === verb && operation.path === path && operation.visit === visit && operation.device === device;
}

function nameFor({ serial, port, driveId }: MemoryDevice, { by }: StoryRun): string {
  if (by === 'port') return port;
  return by === 'drive' ? (driveId ?? '/dev/no-such-drive') : serial;
}

function fits(device: MemoryDevice, run: StoryRun, one: MemoryDevice): boolean {
  const name = nameFor(device, run);
  if (run.by === 'serial') return one.serial === name;
  if (run.by === 'port') return one.port === name;
  // Names of drives are given anew while one types them.
  return true;
}

function putForeign(
  device: MemoryDevice,
  file: Extract<StoryEvent, { what: 'foreign' }>['file'],
  nonces: Set<string>,
): void {
  const [payloadPath, triggerPath] = [reservedPath(RESERVED.payload), reservedPath(RESERVED.trigger)];
  const put = (path: string, bytes: Uint8Array): boolean =>
    device.card.read(path) === null && device.saveDurably(0, path, bytes);
  if (file === 'payload') return void put(payloadPath, new Uint8Array(3_000).fill(9));
  const nonce = `f0${String(nonces.size).padStart(6, '0')}${'0f'.repeat(12)}`;
  const present = {
    nonce,
    serial: device.serial,
    bootCount: device.firmware.memory.bootCount,
    session: fieldOf(device.card, RESERVED.info, 'session'),
  };
  if (present.session === '') return;
  if (file === 'install') {
    const payload = payloadOfVersion(3);
    if (!put(payloadPath, payload)) return;
    nonces.add(nonce);
    return void put(triggerPath, buildInstallTrigger(present, payload));
  }
  if (file === 'malformed-trigger') return void put(triggerPath, malformed(nonce));
  const trigger = buildPingTrigger(present);
  if (file === 'ping') nonces.add(nonce);
  put(triggerPath, file === 'ping' ? trigger : trigger.subarray(0, 60));
}

/** Of right CRC and without most of what a trigger must say (protocol §7.6); even its nonce cannot be read. */
function malformed(nonce: string): Uint8Array {
  return writeText([
    ['Protocol', '1'],
    ['Nonce', nonce.slice(1)],
  ]);
}
