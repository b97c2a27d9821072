import type { OperationFailure, Verb } from '../fake-volume/memory/operations.ts';
import { type Chance, chanceOf } from './chance.ts';
import type { Happening, Story, StoryDevice, StoryEvent, StoryHost, StoryRun, StoryTrouble, When } from './story.ts';

const PAYLOAD = 'SPACEPAK/UPDATE.BIN';
const TRIGGER = 'SPACEPAK/UPDATE.TRG';

/** The story of a seed. Most have few troubles: those that are hard to bear are rarely the long ones. */
export function imagine(seed: number): Story {
  const chance = chanceOf(seed);
  const host = imagineHost(chance);
  const devices = imagineDevices(chance);
  const runs = chance.some(1, 3, () => imagineRun(chance, devices.length));
  const most = chance.pick([0, 1, 1, 2, 2, 3, 5]);
  return {
    seed,
    host,
    devices,
    runs,
    events: chance.some(0, most, () => imagineEvent(chance, devices.length, runs.length)),
    failures: chance.some(0, Math.min(most, 3), () => imagineFailure(chance, devices.length)),
    looks: chance.happens(0.1) ? [{ visits: [chance.number(1, 30)], hang: chance.happens(0.3) }] : [],
    ownDisk: chance.happens(0.2) ? [imagineOwnDisk(chance)] : [],
  };
}

function imagineHost(chance: Chance): StoryHost {
  return {
    automounter: chance.happens(0.7),
    serials: chance.pick(['told', 'told', 'told', 'capitals', 'untold']),
    ports: chance.pick(['told', 'told', 'told', 'untold']),
    attachments: chance.pick(['told', 'told', 'told', 'kept']),
    wakeUps: chance.happens(0.8),
    listMs: chance.pick([0, 0, 10, 100, 1_500]),
    mountMs: chance.pick([800, 800, 800, 20, 20_000]),
    lateEntries: chance.happens(0.2),
  };
}

function imagineDevices(chance: Chance): readonly StoryDevice[] {
  const count = chance.pick([1, 1, 1, 2, 2, 3]);
  const isTwin = chance.happens(0.5);
  return Array.from({ length: count }, (_, index) => ({
    // Lower case too, so that a system that writes capitals changes it.
    serial: isTwin && index === 1 ? 'SPa0000001' : `SPa000000${index + 1}`,
    hasUsbSerial: chance.happens(0.85),
    runs: chance.pick([1, 1, 1, 1, 2, 3, 0]),
    battery: chance.pick([80, 80, 80, 80, 31, 5]),
    label: chance.pick(['SPACEPACK', 'SPACEPACK', 'PHOTOS']),
    plugged: index === 0 ? chance.happens(0.95) : chance.happens(0.8),
    dirty: chance.happens(0.15),
    spoilt: chance.happens(0.06) ? chance.pick(['dirty', 'full', 'root-full']) : 'no',
    partition: chance.pick(['none', 'none', 'none', 'automounted', 'fstab']),
    heldBy: chance.happens(0.08) ? 'a photo program' : null,
    busyEveryMs: chance.happens(0.05) ? 5_000 : null,
    installMs: chance.pick([20, 2_000, 2_000, 40_000]),
    troubles: chance.happens(0.2) ? chance.some(1, 2, () => imagineTrouble(chance)) : [],
  }));
}

function imagineTrouble(chance: Chance): StoryTrouble {
  return {
    at: chance.pick([
      'attach',
      'look',
      'leave',
      'accept',
      'announce',
      'erase',
      'program',
      'finish',
      'check',
      'start',
      'away',
    ]),
    visit: chance.number(1, 3),
    outcome: chance.pick(['fail', 'hang', 'lose-power', 'lose-power']),
    backAfterMs: chance.pick([10, 1_000, 20_000, 200_000]),
  };
}

function imagineRun(chance: Chance, devices: number): StoryRun {
  return {
    atMs: chance.pick([0, 0, 5, 2_000, 8_000, 30_000, 100_000]),
    user: chance.pick(['anna', 'anna', 'ben']),
    action: chance.pick(['update', 'update', 'update', 'update', 'ping']),
    version: chance.pick([2, 2, 2, 3, 1]),
    dryRun: chance.happens(0.06),
    capMs: chance.pick([1_800_000, 1_800_000, 1_800_000, 4_000, 30_000]),
    by: chance.pick(['serial', 'serial', 'port', 'drive', 'only', 'only', 'all']),
    device: chance.number(0, devices - 1),
  };
}

/** A step of the work of a run: mostly one of those that commit. */
function imagineStep(chance: Chance): { verb: Verb; path: string | null; visit: number } {
  const verb = chance.pick<Verb>([
    'create',
    'chunk',
    'fsync',
    'close',
    'read-back',
    'remove',
    'read',
    'entries',
    'mount',
    'release',
    'free-bytes',
    'hold',
  ]);
  const visit = chance.pick([1, 1, 1, 2, 2, 3, 4]);
  if (['create', 'chunk', 'fsync', 'close'].includes(verb))
    return { verb, path: chance.pick([PAYLOAD, TRIGGER, TRIGGER, TRIGGER]), visit };
  if (verb === 'read-back') return { verb, path: PAYLOAD, visit };
  if (verb === 'remove') return { verb, path: chance.pick([PAYLOAD, TRIGGER]), visit };
  if (verb === 'read')
    return {
      verb,
      path: chance.pick(['SPACEPAK/INFO.TXT', 'SPACEPAK/STATUS.TXT', TRIGGER]),
      visit: chance.number(1, 8),
    };
  if (verb === 'entries') return { verb, path: 'SPACEPAK', visit };
  return { verb, path: null, visit };
}

function imagineWhen(chance: Chance, devices: number): When {
  if (chance.happens(0.55)) return { ...imagineStep(chance), device: chance.number(0, devices - 1) };
  if (chance.happens(0.1))
    return { call: chance.pick(['list', 'prepare', 'save', 'close', 'lock', 'unlock']), visit: chance.number(1, 3) };
  return { ms: chance.pick([0, 100, 500, 1_700, 2_500, 5_000, 12_000, 40_000, 100_000]) + chance.number(0, 900) };
}

function imagineEvent(chance: Chance, devices: number, runs: number): StoryEvent {
  return { when: imagineWhen(chance, devices), ...imagineHappening(chance, devices, runs) };
}

function imagineHappening(chance: Chance, devices: number, runs: number): Happening {
  const device = chance.number(0, devices - 1);
  const what = chance.pick<Happening['what']>([
    'unplug',
    'unplug',
    'plug',
    'plug',
    'wiggle',
    'wiggle',
    'move',
    'lose-power',
    'battery',
    'damage',
    'kill',
    'kill',
    'kill',
    'call-off',
    'stop',
    'sleep',
    'date',
    'foreign',
    'save',
  ]);
  switch (what) {
    case 'unplug':
    case 'plug':
    case 'wiggle':
    case 'damage':
      return { what, device };
    case 'move':
      return { what, device, port: chance.pick(['1-1', '1-2', '1-3', '2-1']) };
    case 'lose-power':
      return { what, device, backAfterMs: chance.pick([10, 3_000, 60_000]) };
    case 'battery':
      return { what, device, percent: chance.pick([3, 29, 100]) };
    case 'kill':
      return { what, run: chance.number(0, runs - 1) };
    case 'call-off':
      return { what, run: chance.number(0, runs - 1), againAfterMs: chance.pick([1, 3_000, 60_000]) };
    case 'stop':
      return { what, run: chance.number(0, runs - 1), ms: chance.pick([3_000, 70_000, 400_000]) };
    case 'sleep': {
      const ms = chance.pick([3_000, 70_000, 400_000]);
      return { what, ms, busPower: chance.happens(0.5), isCounted: chance.happens(0.5) };
    }
    case 'date':
      return { what, ms: chance.pick([-86_400_000, -3_000, 3_600_000]) };
    case 'foreign':
      return { what, device, file: chance.pick(['ping', 'install', 'torn-trigger', 'malformed-trigger', 'payload']) };
    case 'save':
      return { what, device, partition: chance.number(0, 1), name: `saved-${chance.number(1, 3)}.txt` };
  }
}

function imagineFailure(chance: Chance, devices: number): OperationFailure {
  const { verb, path, visit } = imagineStep(chance);
  const visits = chance.happens(0.8) ? [visit] : chance.some(1, 12, () => 0).map((_, index) => visit + index);
  const codes = [
    'volume-io',
    'volume-io',
    'volume-full',
    'volume-read-only',
    'volume-permission',
    'volume-stalled',
  ] as const;
  return {
    verb,
    ...(path !== null && { path }),
    visits,
    ...(chance.happens(0.5) && { device: chance.number(0, devices - 1) }),
    code: verb === 'release' ? 'volume-busy' : verb === 'mount' ? 'volume-not-mounted' : chance.pick(codes),
    ...(chance.happens(0.25)
      ? { hang: chance.pick(['never', 'late'] as const) }
      : { when: chance.pick(['before', 'after', 'after'] as const) }),
  };
}

function imagineOwnDisk(chance: Chance): Story['ownDisk'][number] {
  const readOnlyHome = ['prepare', 'save', 'close', 'lock'] as const;
  return {
    calls: chance.pick([readOnlyHome, ['save'], ['close'], ['lock'], ['unlock'], ['list'], ['prepare', 'save']]),
    from: chance.number(1, 3),
    ...(chance.happens(0.5) && { count: 1 }),
    ...(chance.happens(0.2)
      ? { hang: chance.pick(['never', 'late'] as const) }
      : { when: chance.pick(['before', 'after'] as const) }),
  };
}
