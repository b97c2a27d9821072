import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MachineImage } from './image.ts';
import { connectLines } from './lines.ts';

/** A running QEMU. */
export interface Emulator {
  /** For sockets and logs; goes with the emulator. */
  readonly folder: string;
  /** The folder that the guest sees as /host, read-only. */
  readonly shared: string;
  /** Where the guest's agent is reached. */
  readonly agentPath: string;
  isAlive(): boolean;
  /** A QMP command; rejects with QEMU's description. */
  command(name: string, parameters?: object): Promise<unknown>;
  /** What the guest's kernel said on its console. */
  console(): string;
  stop(): Promise<void>;
}

/** `state`: the file of a saved guest to go on with; else it boots. */
export async function startEmulator(image: MachineImage, state: string | null): Promise<Emulator> {
  const folder = mkdtempSync(join(tmpdir(), 'spacepack-usb-'));
  const shared = join(folder, 'shared');
  mkdirSync(shared);
  const child = launch(image, folder, shared, state);
  let isAlive = true;
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  void exited.then(() => {
    isAlive = false;
  });
  const kill = () => void child.kill('SIGKILL');
  process.once('exit', kill);

  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  let count = 0;
  const qmp = await connectLines(
    join(folder, 'qmp'),
    () => isAlive,
    (message) => {
      const asked = waiting.get(Number(message['id']));
      if (asked === undefined) return;
      waiting.delete(Number(message['id']));
      if (message['error'] === undefined) asked.resolve(message['return']);
      else asked.reject(new Error(`QEMU: ${JSON.stringify(message['error'])}`));
    },
  );
  const command = (name: string, parameters: object = {}): Promise<unknown> => {
    count += 1;
    const id = count;
    return new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject });
      qmp.send({ execute: name, arguments: parameters, id });
    });
  };
  await command('qmp_capabilities');
  return {
    folder,
    shared,
    agentPath: join(folder, 'agent'),
    isAlive: () => isAlive,
    command,
    console: () => readFileSync(join(folder, 'console.log'), 'utf8'),
    async stop() {
      kill();
      await exited;
      process.off('exit', kill);
      qmp.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function launch(image: MachineImage, folder: string, shared: string, state: string | null): ChildProcess {
  const kernelOptions = 'console=ttyS0 quiet loglevel=5 panic=-1 mitigations=off no_timer_check tsc=reliable audit=0';
  const log = openSync(join(folder, 'qemu.log'), 'a');
  const socket = (name: string) => `path=${join(folder, name)},server=on,wait=off`;
  const child = spawn(
    'qemu-system-x86_64',
    [
      ...['-machine', 'q35', '-accel', 'tcg,thread=multi,tb-size=512', '-cpu', 'max', '-smp', '2', '-m', '1024'],
      ...['-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot'],
      ...['-kernel', image.kernel, '-initrd', image.initrd, '-append', kernelOptions],
      ...['-serial', `file:${join(folder, 'console.log')}`],
      ...['-qmp', `unix:${join(folder, 'qmp')},server=on,wait=off`],
      ...[
        '-drive',
        `if=none,id=root,format=raw,readonly=on,file=${image.root}`,
        '-device',
        'virtio-blk-pci,drive=root',
      ],
      ...['-device', 'virtio-serial-pci', '-chardev', `socket,id=agent,${socket('agent')}`],
      ...['-device', 'virtserialport,chardev=agent,name=bench'],
      ...['-virtfs', `local,path=${shared},mount_tag=host,security_model=none,readonly=on`],
      ...['-device', 'qemu-xhci,id=usb,p2=8,p3=4'],
      ...(state === null ? [] : ['-incoming', `exec:cat '${state}'`]),
    ],
    { stdio: ['ignore', log, log] },
  );
  closeSync(log);
  return child;
}
