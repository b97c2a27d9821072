import { constants } from 'node:fs';
import { access, readdir, readFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { onOwnDisk } from '../../../computer/own-disk.ts';
import type { Io } from '../../io/io.ts';
import { broken, type Finding, good, note } from './finding.ts';

interface Tool {
  readonly name: string;
  /** What it is for. */
  readonly use: string;
  /** What missing it means; `null`: nothing works without it. */
  readonly otherwise: string | null;
}

/** The system's own programs that src/volume runs. */
const TOOLS: Readonly<Partial<Record<NodeJS.Platform, readonly Tool[]>>> = {
  linux: [
    { name: 'lsblk', use: 'lists drives and file systems', otherwise: null },
    {
      name: 'udisksctl',
      use: 'mounts and unmounts without root',
      otherwise: 'Without it only root can mount and unmount: install udisks2, or run as root.',
    },
    { name: 'umount', use: 'unmounts as root', otherwise: 'Install util-linux.' },
    {
      name: 'flock',
      use: 'keeps off runs in other containers',
      otherwise: 'Without it two runs in two containers can disturb each other: install util-linux.',
    },
    { name: 'dd', use: 'reads back past the cache where O_DIRECT will not do', otherwise: 'Install coreutils.' },
  ],
  darwin: [
    { name: 'diskutil', use: 'lists, mounts and unmounts', otherwise: null },
    { name: 'ioreg', use: 'tells USB ids and serials', otherwise: null },
  ],
  win32: [{ name: 'powershell.exe', use: 'lists and ejects', otherwise: null }],
};

/** Programs that mount drives by themselves, as /proc/PID/comm names them (15 characters at most). */
const AUTOMOUNTERS = [
  'gvfs-udisks2-vo',
  'kded5',
  'kded6',
  'udiskie',
  'devmon',
  'udevil',
  'usbmount',
  'pcmanfm',
  'thunar',
];

async function isThere(name: string, folders: readonly string[]): Promise<boolean> {
  const tries = folders.map((folder) =>
    onOwnDisk(folder, () => access(join(folder, name), constants.X_OK)).then(() => true),
  );
  return Promise.any(tries).catch(() => false);
}

/** Whether the system's programs are there, by looking for them; none is run. */
export async function checkTools({
  variables,
  platform,
}: Pick<Io, 'variables' | 'platform'>): Promise<readonly Finding[]> {
  const folders = [...(variables['PATH'] ?? variables['Path'] ?? '').split(delimiter), '/usr/sbin', '/sbin'].filter(
    Boolean,
  );
  const tools = TOOLS[platform] ?? [];
  return Promise.all(
    tools.map(async ({ name, use, otherwise }) => {
      if (await isThere(name, folders)) return good('tools', `${name} ${use}`);
      const missing = `${name} was not found; it ${use}`;
      return otherwise === null ? broken('tools', missing, `Install ${name}.`) : note('tools', missing, otherwise);
    }),
  );
}

/** Whether something mounts drives by itself. Elsewhere than on Linux the system does. */
export async function checkAutomounter(platform: NodeJS.Platform, processes: string = '/proc'): Promise<Finding> {
  if (platform !== 'linux') return good('automounter', 'The system mounts drives by itself.');
  const names = await readdir(processes).catch(() => []);
  const commands = await Promise.all(
    names
      .filter((name) => /^\d+$/.test(name))
      .map((name) => readFile(join(processes, name, 'comm'), 'utf8').catch(() => '')),
  );
  const found = commands
    .map((command) => command.trim().toLowerCase())
    .find((command) => AUTOMOUNTERS.includes(command));
  if (found !== undefined) return good('automounter', `${found} mounts drives by itself.`);
  return note('automounter', 'Nothing was found that mounts drives by itself; spacepack then mounts the volume.');
}
