import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildPayload, changedFiles, playsInFolders, type Scenario } from '../../../../test/fake-volume/index.ts';
import type { Selected } from '../../../devices/select.ts';
import { ping, update } from '../../../devices/update.ts';
import { inspectImage, requireImage } from '../../../image/check.ts';
import { generateKeyPair } from '../../../image/keys.ts';
import { readable } from '../../../image/open-image.ts';
import { memoryPayload, type PayloadSource } from '../../../image/payload.ts';
import { openPayload } from '../../../image/source.ts';
import { SpacepackError } from '../../../protocol/errors.ts';
import type { Environment } from '../../../volume/port.ts';
import { chooseDevices } from '../../device/choose-devices.ts';
import { type DeviceRun, follow } from '../../device/follow-runs.ts';
import { imageFileOf } from '../../image/read-image.ts';
import { writeNewFile } from '../../io/new-file.ts';
import type { CommandResult } from '../../talk/result.ts';
import { sumUp } from '../../talk/sum-up.ts';
import type { Line } from '../../text/line.ts';
import type { CommandContext } from '../command.ts';
import { inFolders, inMemory, type SimulatedWorld, talkativeDevices } from './worlds.ts';

/** How long a simulated device may take to start and attach, in ms. In some scenarios one never does. */
const ARRIVAL_MS = 4_000;

async function awaitArrival({ volumes, clock }: Environment, count: number, signal: AbortSignal): Promise<void> {
  const deadline = clock.now() + ARRIVAL_MS;
  const isLate = (): boolean => signal.aborted || clock.now() >= deadline;
  while (!isLate()) {
    const before = volumes.changeCount();
    if ((await volumes.list()).length >= count) break;
    await volumes.changed(before, deadline - clock.now(), signal);
  }
  if (signal.aborted) throw new SpacepackError('interrupted', 'Called off before the device was there.');
}

async function runsFor(
  scenario: Scenario,
  devices: readonly Selected[],
  environment: Environment,
  image: { readonly payload: PayloadSource; readonly publicKeys: readonly string[] },
  { io, speaker, interrupts }: CommandContext,
): Promise<readonly DeviceRun[]> {
  const { cancel, abandon } = interrupts;
  const begin = (reports: (device: Selected) => DeviceRun['reports']): readonly DeviceRun[] =>
    devices.map((device) => ({ device: device.target.name, reports: reports(device) }));
  if (scenario.action === 'ping') return begin(({ target }) => ping(environment, target, { cancel, abandon }));
  const { payload, publicKeys } = image;
  const report = await inspectImage(payload, io.families, { publicKeys });
  speaker.tell({ event: 'image', device: null, ...imageFileOf(payload.name, report) });
  const sound = readable(payload, requireImage(report, payload.name));
  const options = { cancel, abandon, allowDowngrade: scenario.allowDowngrade ?? false };
  return begin(({ target }) => update(environment, target, sound, options));
}

function filesText(
  devices: SimulatedWorld['devices'],
  before: readonly ReadonlyMap<string, Uint8Array>[],
): readonly Line[] {
  return devices.map((device, index): Line => {
    const files = before[index] ?? new Map<string, Uint8Array>();
    const changed = changedFiles(files, device.userFiles());
    return changed.length === 0
      ? [`All ${files.size} files of the user on ${device.serial} are what they were, byte for byte.`]
      : [{ text: `Changed on ${device.serial}: ${changed.join(', ')}`, tone: 'bad' }];
  });
}

/** The payload of a scenario, signed with a key that was made for this run. In folders it is a real file. */
async function payloadOf(
  scenario: Scenario,
  key: ReturnType<typeof generateKeyPair>,
  folder: string | null,
): Promise<PayloadSource> {
  const bytes = buildPayload({ key, ...scenario.image });
  if (folder === null) return memoryPayload('firmware.dfu', bytes);
  const path = join(folder, 'firmware.dfu');
  await writeNewFile(path, bytes, 0o600);
  return openPayload(path);
}

/**
 * Plays a scenario: starts its devices and runs the real update or ping on them. It uses folders and real time, unless
 * `instant` asks for memory and virtual time, or the scenario has to interfere with the host's own work.
 */
export async function play(scenario: Scenario, instant: boolean, context: CommandContext): Promise<CommandResult> {
  const { io, speaker, interrupts } = context;
  // From here on a Ctrl-C must pass through `finally`, because there is a folder to remove.
  interrupts.engage({ committed: () => [] });
  const key = generateKeyPair();
  const folder = instant || !playsInFolders(scenario) ? null : await mkdtemp(join(tmpdir(), 'spacepack-'));
  const devices = talkativeDevices(scenario, key.publicKey, speaker);
  const world = folder === null ? inMemory(scenario, devices) : inFolders(scenario, devices, folder);
  const { environment } = world;
  if (folder === null) speaker.timeBy(() => environment.clock.now());
  try {
    await awaitArrival(environment, devices.length, interrupts.cancel);
    const before = world.devices.map((device) => device.userFiles());
    const payload = await payloadOf(scenario, key, folder);
    // The host does not know a stranger's key, so the device has to refuse an image that a stranger signed.
    const publicKeys = scenario.image?.key === undefined ? [key.publicKey] : [];
    const chosen = await chooseDevices(
      environment,
      io.families,
      scenario.device === undefined ? {} : { device: scenario.device },
    );
    const runs = await runsFor(scenario, chosen, environment, { payload, publicKeys }, context);
    const result = sumUp(await follow(runs, context));
    speaker.page(filesText(world.devices, before));
    return result;
  } finally {
    world.dispose();
    if (folder !== null) await rm(folder, { recursive: true, force: true });
  }
}
