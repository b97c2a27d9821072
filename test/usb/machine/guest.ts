import { existsSync, renameSync, rmSync } from 'node:fs';
import { type Agent, connectAgent, type GuestProcess, type GuestRun, type RunOptions } from './agent.ts';
import { type Emulator, startEmulator } from './emulator.ts';
import { type MachineImage, machineImage } from './image.ts';

/** A booted Debian with real udev, udisks2 and vfat. */
export interface Guest {
  readonly emulator: Emulator;
  /** Runs a line of bash to its end. */
  run(command: string, options?: RunOptions): Promise<GuestRun>;
  /** The same, but it must end with status 0; the output without white space around it. */
  ask(command: string, options?: RunOptions): Promise<string>;
  start(command: string, options?: RunOptions): GuestProcess;
  stop(): Promise<void>;
}

/** Builds the image and saves the state of a booted guest, each if it is not there: minutes at the first time on a machine. */
export async function prepareGuest(): Promise<MachineImage> {
  const image = machineImage();
  if (!existsSync(image.state)) await saveState(image);
  return image;
}

/** Goes on with the saved state: a second or two instead of a quarter of a minute. */
export async function bootGuest(): Promise<Guest> {
  const image = await prepareGuest();
  const emulator = await startEmulator(image, image.state);
  while (((await emulator.command('query-status')) as { status: string }).status === 'inmigrate') await pause(20);
  await emulator.command('cont');
  const guest = guestOn(emulator, await connectAgent(emulator.agentPath, emulator.isAlive));
  await guest.ask(`/opt/bench/begin ${Date.now() / 1000}`);
  return guest;
}

async function saveState(image: MachineImage): Promise<void> {
  const emulator = await startEmulator(image, null);
  const agent = await connectAgent(emulator.agentPath, emulator.isAlive);
  await agent.ready;
  const guest = guestOn(emulator, agent);
  await guest.ask('/opt/bench/warm');
  await emulator.command('stop');
  const partial = `${image.state}.${process.pid}`;
  rmSync(partial, { force: true });
  await emulator.command('migrate', { uri: `exec:cat >'${partial}'` });
  for (let status = 'active'; status !== 'completed'; await pause(50)) {
    ({ status } = (await emulator.command('query-migrate')) as { status: string });
    if (status === 'failed') throw new Error('Expected QEMU to save the state of the guest; it failed.');
  }
  renameSync(partial, image.state);
  await guest.stop();
}

function guestOn(emulator: Emulator, agent: Agent): Guest {
  const run = (command: string, options?: RunOptions) => agent.start(command, options).ended;
  return {
    emulator,
    run,
    async ask(command, options) {
      const { status, stdout, stderr } = await run(command, options);
      if (status === 0) return stdout.trim();
      throw new Error(`In the guest, "${command}" ended with status ${status}.\n${stdout}${stderr}`);
    },
    start: (command, options) => agent.start(command, options),
    async stop() {
      agent.close();
      await emulator.stop();
    },
  };
}

/** Resolves after so many ms of real time. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
