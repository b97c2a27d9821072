import { posix, win32 } from 'node:path';

/** What decides where a system's program is. */
export interface ProgramHome {
  readonly platform: NodeJS.Platform;
  /** Whose rights this process has; `null` on Windows. */
  readonly uid: number | null;
  readonly variables: Readonly<Record<string, string | undefined>>;
}

/** Of this process. */
export function thisHome(): ProgramHome {
  return { platform: process.platform, uid: process.geteuid?.() ?? null, variables: process.env };
}

/** How one of the system's programs is started. */
export interface ProgramStart {
  /** Absolute, or a name that is looked up in the folders of `path`. */
  readonly file: string;
  /** The folder it works in: neither the user's, nor one of a volume, whose unmount it would block. */
  readonly folder: string;
  /** Its PATH: absolute folders; `null`: as in this process, because nothing is looked up there. */
  readonly path: string | null;
}

const LINUX = ['dd', 'flock', 'lsblk', 'mount', 'notify-send', 'systemctl', 'udevadm', 'udisksctl', 'umount'] as const;

/** Part of macOS, in folders that not even root can change. */
const DARWIN = {
  diskutil: '/usr/sbin/diskutil',
  ioreg: '/usr/sbin/ioreg',
  launchctl: '/bin/launchctl',
  osascript: '/usr/bin/osascript',
} as const;

/** Part of Windows, below its folder. */
const WINDOWS = {
  'mountvol.exe': 'System32\\mountvol.exe',
  'powershell.exe': 'System32\\WindowsPowerShell\\v1.0\\powershell.exe',
  'schtasks.exe': 'System32\\schtasks.exe',
} as const;

/** Every program that spacepack starts, besides itself. */
export type SystemProgram = (typeof LINUX)[number] | keyof typeof DARWIN | keyof typeof WINDOWS;

/** The names of all of them on one system. */
export function programsOf(platform: NodeJS.Platform): readonly string[] {
  return platform === 'win32' ? Object.keys(WINDOWS) : platform === 'darwin' ? Object.keys(DARWIN) : LINUX;
}

const DARWIN_FOLDERS = ['/usr/bin', '/bin', '/usr/sbin', '/sbin'];
/** Only root can write there. The last two are those of NixOS. */
const ROOT_FOLDERS = ['/usr/sbin', '/usr/bin', '/sbin', '/bin', '/run/wrappers/bin', '/run/current-system/sw/bin'];
/** Where tools like umount are, which not every user has in PATH. */
const SYSTEM_FOLDERS = ['/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/**
 * The folders in which programs are looked up on Linux. As root they are fixed, for `sudo` and `su` may keep the PATH of
 * a user. Otherwise they are those of the user's PATH that do not depend on the current folder, and then the system's.
 */
function foldersOf({ uid, variables }: ProgramHome): readonly string[] {
  if (uid === 0) return ROOT_FOLDERS;
  return [...new Set([...(variables['PATH'] ?? '').split(':').filter(posix.isAbsolute), ...SYSTEM_FOLDERS])];
}

/**
 * The folder of Windows. The variable belongs to the user, like NODE_OPTIONS, with which whoever can set variables of
 * this process runs code in it anyway; so nothing is lost by believing it, if it names a folder on a drive.
 */
export function windowsFolder(variables: ProgramHome['variables']): string {
  const said = variables['SystemRoot'] ?? variables['SYSTEMROOT'] ?? '';
  return /^[A-Za-z]:\\[^"\0]/.test(said) ? win32.normalize(said) : 'C:\\Windows';
}

const isKey = <Table extends object>(table: Table, name: PropertyKey): name is keyof Table =>
  Object.hasOwn(table, name);

/**
 * How a program is started: the only place that decides which file a name means. Windows would look into the current
 * folder first, which may be on the card. `null`: it is no program of that system.
 */
export function startOf(program: SystemProgram, home: ProgramHome): ProgramStart | null {
  if (home.platform === 'win32') {
    const folder = windowsFolder(home.variables);
    return isKey(WINDOWS, program) ? { file: win32.join(folder, WINDOWS[program]), folder, path: null } : null;
  }
  if (home.platform === 'darwin') {
    return isKey(DARWIN, program) ? { file: DARWIN[program], folder: '/', path: DARWIN_FOLDERS.join(':') } : null;
  }
  const isOurs = LINUX.some((name) => name === program);
  return isOurs ? { file: program, folder: '/', path: foldersOf(home).join(':') } : null;
}

/** The files that a program may be, in the order in which they are tried. */
export function filesOf(program: SystemProgram, home: ProgramHome): readonly string[] {
  const start = startOf(program, home);
  if (start === null) return [];
  return start.file === program ? foldersOf(home).map((folder) => `${folder}/${program}`) : [start.file];
}
