import { describe, expect, test } from 'vitest';
import { ping, update } from '../src/devices/update.ts';
import { select } from '../src/index.ts';
import { SpacepackError } from '../src/protocol/errors.ts';
import { drain, fingerprints, imageOf } from './engine/play.ts';
import { createWitness, falsehoods, isTouch, type Said } from './engine/truth.ts';
import {
  createMemoryWorld,
  type DeviceOptions,
  type MemoryDevice,
  type MemoryWorld,
  type Scenario,
  scenarios,
} from './fake-volume/index.ts';
import { payloadOf } from './fake-volume/scenarios/scenario.ts';

/** Virtual time after which what was said must still be true. */
const LATER_MS = 600_000;
const SERIAL = 'SP00000001';
/** Few, for thousands of worlds. */
const FILES: ReadonlyMap<string, Uint8Array> = new Map([['Notes.txt', Buffer.from('Passport, tickets, keys.\n')]]);
const REFUSED = ['several-devices', 'devices-alike', 'other-device'];

/** How the others differ from the device that is named, which is told of as far as the system does. */
interface Others {
  readonly count: 1 | 2;
  /** `unknown`: they have none in their descriptors; the same one is in their INFO.TXT. */
  readonly serial: 'same' | 'unknown' | 'different';
  readonly ports: 'told' | 'untold';
  readonly label: 'same' | 'other';
  /** They come before it in the list. */
  readonly areFirst: boolean;
  /** They run the very image, at a greater boot count: there all along, or plugged in while it is away. */
  readonly come: 'before' | 'meanwhile';
}

const COMBINATIONS: readonly Others[] = (['same', 'unknown', 'different'] as const).flatMap((serial) =>
  (['told', 'untold'] as const).flatMap((ports) =>
    (['same', 'other'] as const).flatMap((label) =>
      (['before', 'meanwhile'] as const).map((come, index) => ({
        // Each pair of two further differences occurs with each of the others.
        count: label === 'same' ? 1 : 2,
        areFirst: (index === 0) === (label === 'same'),
        ...{ serial, ports, label, come },
      })),
    ),
  ),
);

interface Cast {
  readonly world: MemoryWorld;
  readonly named: MemoryDevice;
  readonly others: readonly MemoryDevice[];
}

function otherDevice({ serial, label }: Others, number: number): DeviceOptions {
  return {
    settings: { serial: serial === 'different' ? `SP0000009${number}` : SERIAL },
    ...(serial === 'unknown' && { usbSerial: null }),
    port: `2-${number}`,
    runs: { version: { major: 2 } },
    card: { label: label === 'same' ? 'SPACEPACK' : `PHOTOS ${number}`, files: FILES },
    plugged: false,
  };
}

/** The world of a scenario with others beside its device; what the scenario does, it does to that one alone. */
function cast(scenario: Scenario, how: Others): Cast {
  const at = how.areFirst ? how.count : 0;
  const [own = {}] = scenario.devices ?? [];
  const ownDevice: DeviceOptions = {
    ...own,
    port: '1-1',
    settings: { ...own.settings, serial: SERIAL },
    ...(own.card !== null && { card: { files: FILES, ...own.card } }),
  };
  const devices = Array.from({ length: how.count }, (_, index) => otherDevice(how, index + 1));
  const { onOperation } = scenario;
  const come = () => {
    for (const other of others.filter(({ driveId }) => driveId === null)) {
      other.firmware.memory.bootCount = 50;
      other.plug();
    }
  };
  const world: MemoryWorld = createMemoryWorld({
    ...scenario,
    manners: { ...scenario.manners, ports: how.ports },
    devices: devices.toSpliced(at, 0, ownDevice),
    failures: (scenario.failures ?? []).map((failure) => ({ ...failure, device: at })),
    onOperation(operation, device) {
      if (operation.device !== at) return undefined;
      if (how.come === 'meanwhile' && operation.verb === 'release') world.later(1, come);
      return onOperation?.(operation, device);
    },
  });
  const named = world.devices[at];
  if (named === undefined) throw new TypeError('the device of the scenario is there');
  const others = world.devices.filter((device) => device !== named);
  if (how.come === 'before') {
    come();
    world.pass(5_000);
  }
  return { world, named, others };
}

interface Ended {
  readonly code: string;
  readonly said: Said | null;
}

async function play({ world, named }: Cast, scenario: Scenario, how: Others): Promise<Ended> {
  const process = world.start();
  const { environment, hear } = createWitness(world, process);
  const image = scenario.action === 'ping' ? null : await imageOf(payloadOf(scenario));
  const { allowDowngrade = false } = scenario;
  try {
    const device = how.ports === 'told' ? named.port : named.serial;
    const [selected] = await select(environment, { device });
    const { target } = selected;
    const run = image === null ? ping(environment, target) : update(environment, target, image, { allowDowngrade });
    const { outcome, reports } = await drain(run);
    return { code: outcome.code, said: hear(outcome, reports, named, image?.imageHash ?? null) };
  } catch (thrown) {
    if (!(thrown instanceof SpacepackError)) throw thrown;
    return { code: thrown.code, said: null };
  } finally {
    process.kill();
  }
}

/** What is wrong with how a scenario went beside others; empty if nothing is. */
async function wrongIn(scenario: Scenario, how: Others): Promise<readonly string[]> {
  const players = cast(scenario, how);
  const { world, others } = players;
  const before = others.map(fingerprints);
  const ended = await play(players, scenario, how);
  const wrong = ended.said === null ? [] : [...falsehoods(ended.said)];
  world.pass(LATER_MS);
  if (ended.said !== null) wrong.push(...falsehoods(ended.said, true).map((text) => `later: ${text}`));
  const onOthers = world.operations.filter(({ device }) => world.devices[device] !== players.named);
  const touched = onOthers.filter((operation) => isTouch(operation, onOthers));
  wrong.push(...touched.map(({ verb, path }) => `${verb} ${path ?? ''} on another`));
  if (others.some(({ firmware }) => firmware.memory.journal.some((slot) => slot !== null))) wrong.push('another acted');
  if (JSON.stringify(others.map(fingerprints)) !== JSON.stringify(before)) wrong.push('files of another');
  const isTold = how.ports === 'told' || (how.serial === 'different' && ended.code !== 'never-returned');
  const isAsAlone = ended.code === scenario.expected.code;
  if (!isAsAlone && (isTold || !(REFUSED.includes(ended.code) || isUndecided(ended))))
    wrong.push(`ended ${ended.code}`);
  world.dispose();
  return [...new Set(wrong)];
}

/** Where nothing tells who came back, nobody needs to know. */
function isUndecided({ said }: Ended): boolean {
  return said?.outcome.verdict === 'indeterminate';
}

const nameOf = ({ count, serial, ports, label, areFirst, come }: Others): string =>
  `${count} of ${serial} serial, ports ${ports}, ${label} label, ${areFirst ? 'first' : 'last'}, there ${come}`;

describe('every scenario beside others is about the device that was named, and the others are not touched', () => {
  const alone = scenarios.filter(({ devices = [] }) => devices.length < 2);

  test('there are scenarios', () => {
    expect(alone.length).toBeGreaterThan(80);
    expect(COMBINATIONS).toHaveLength(24);
  });

  test.each(COMBINATIONS.map((how) => [nameOf(how), how] as const))('%s', async (_, how) => {
    const wrong: string[] = [];
    for (const scenario of alone) {
      const found = await wrongIn(scenario, how);
      if (found.length > 0) wrong.push(`${scenario.name}: ${found.join('; ')}`);
    }
    expect(wrong).toEqual([]);
  });
});
