import { constants } from 'node:fs';
import { access, readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { onOwnDisk } from '../../../computer/own-disk.ts';
import { filesOf, type ProgramHome, type SystemProgram } from '../../../computer/system-programs.ts';
import { broken, type Finding, good, note } from './finding.ts';

interface Tool {
  readonly name: SystemProgram;
  /** What it is for. */
  readonly use: string;
  /** What it means if the tool is missing; `null`: nothing works without it. */
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
      use: 'keeps runs in other containers away',
      otherwise: 'Without it two runs in two containers can disturb each other: install util-linux.',
    },
    { name: 'dd', use: 'reads back past the cache where O_DIRECT does not work', otherwise: 'Install coreutils.' },
  ],
  darwin: [
    { name: 'diskutil', use: 'lists, mounts and unmounts', otherwise: null },
    { name: 'ioreg', use: 'tells USB ids and serials', otherwise: null },
  ],
  win32: [{ name: 'powershell.exe', use: 'lists and ejects', otherwise: null }],
};

/** Programs that mount drives automatically, as /proc/PID/comm names them (at most 15 characters). */
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

const canRun = (file: string): Promise<void> => onOwnDisk(dirname(file), () => access(file, constants.X_OK));

/** Whether the system's programs are where they would be started from. Only looks for them, and runs none. */
export async function checkTools(
  home: ProgramHome,
  look: (file: string) => Promise<void> = canRun,
): Promise<readonly Finding[]> {
  const tools = TOOLS[home.platform] ?? [];
  return Promise.all(
    tools.map(async ({ name, use, otherwise }) => {
      const found = await Promise.any(filesOf(name, home).map(look)).then(
        () => true,
        () => false,
      );
      if (found) return good('tools', `${name} ${use}`);
      const missing = `${name} was not found; it ${use}`;
      return otherwise === null ? broken('tools', missing, `Install ${name}.`) : note('tools', missing, otherwise);
    }),
  );
}

/** Whether something mounts drives automatically. On systems other than Linux the system does. */
export async function checkAutomounter(platform: NodeJS.Platform, processes: string = '/proc'): Promise<Finding> {
  if (platform !== 'linux') return good('automounter', 'The system mounts drives automatically.');
  const names = await readdir(processes).catch(() => []);
  const commands = await Promise.all(
    names
      .filter((name) => /^\d+$/.test(name))
      .map((name) => readFile(join(processes, name, 'comm'), 'utf8').catch(() => '')),
  );
  const found = commands
    .map((command) => command.trim().toLowerCase())
    .find((command) => AUTOMOUNTERS.includes(command));
  if (found !== undefined) return good('automounter', `${found} mounts drives automatically.`);
  return note('automounter', 'No automounter was found; spacepack mounts the volume itself.');
}
