import { join } from 'node:path';
import {
  createFolderWorld,
  createMemoryWorld,
  type DeviceOptions,
  type Scenario,
  type SimulatedDevice,
} from '../../../../test/fake-volume/index.ts';
import { createEnvironment } from '../../../volume/environment.ts';
import type { Environment } from '../../../volume/port.ts';
import { endedBy } from '../../io/signals.ts';
import type { Speaker } from '../../talk/speaker.ts';

/** A world with simulated devices, and the environment in which a host finds them. */
export interface SimulatedWorld {
  readonly environment: Environment;
  readonly devices: readonly SimulatedDevice[];
  dispose(): void;
}

/** The devices of a scenario, which trust this key besides their own and report what they do. */
export function talkativeDevices(
  { devices = [{}] }: Pick<Scenario, 'devices'>,
  trustedKey: string,
  speaker: Speaker,
): readonly DeviceOptions[] {
  return devices.map((device, index) => {
    const serial = device.settings?.serial ?? `SP${String(index + 1).padStart(8, '0')}`;
    return {
      ...device,
      settings: { trustedKeys: [trustedKey], ...device.settings, serial },
      log: ({ message }) => speaker.tell({ event: 'simulated', device: serial, message }),
    };
  });
}

/** In real time, with real folders below a root and the real adapters on them. */
export function inFolders(scenario: Scenario, devices: readonly DeviceOptions[], folder: string): SimulatedWorld {
  const root = join(folder, 'volumes');
  const world = createFolderWorld({ ...scenario, root, devices });
  const environment = createEnvironment({ root, stateDirectory: join(folder, 'state'), endedBy: endedBy() });
  return { environment, devices: world.devices, dispose: () => world.dispose() };
}

/** In memory and in virtual time, where minutes pass in an instant. */
export function inMemory(scenario: Scenario, devices: readonly DeviceOptions[]): SimulatedWorld {
  const { environment, devices: simulated, dispose } = createMemoryWorld({ ...scenario, devices });
  return { environment, devices: simulated, dispose };
}
