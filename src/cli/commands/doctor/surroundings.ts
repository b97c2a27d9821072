import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isThere } from '../../../computer/own-disk.ts';
import { type Finding, note } from './finding.ts';

interface Surroundings {
  readonly platform: NodeJS.Platform;
  readonly variables: Readonly<Record<string, string | undefined>>;
}

const WSL_REMEDY =
  'Run spacepack in Windows itself, or attach the device to WSL with usbipd-win ("usbipd attach --wsl"); then load the ' +
  'driver: sudo modprobe usb-storage.';
const CHROMEOS_REMEDY = 'Use another computer: ChromeOS gives Linux the folders of a USB drive, but not the drive.';
const SNAP_REMEDY =
  'Allow it: sudo snap connect NAME:removable-media, and NAME:hardware-observe for the list of drives.';
const FLATPAK_REMEDY =
  'Run it outside: flatpak-spawn --host spacepack doctor; or allow it /run/media and /run/udev (flatpak override).';
const CONTAINER_REMEDY =
  'Run it outside, or give the container /dev, /run/udev and, with the propagation rslave, the folder of the mounts.';

/**
 * What stands between this program and the drives of a Linux computer, and so why it may see none. `root` is where the
 * system's files are looked for.
 */
export async function checkSurroundings(
  { platform, variables }: Surroundings,
  root: string = '/',
): Promise<readonly Finding[]> {
  if (platform !== 'linux') return [];
  const found = (message: string, remedy: string): readonly Finding[] => [note('surroundings', message, remedy)];
  const release = await readFile(join(root, 'proc/sys/kernel/osrelease'), 'utf8').catch(() => '');
  // 4.4.0-19041-Microsoft in WSL 1, 5.15.90.1-microsoft-standard-WSL2 in WSL 2.
  if (/microsoft/i.test(release)) return found('Runs in WSL, which shows no USB drives of Windows.', WSL_REMEDY);
  if (await isThere(join(root, 'dev/.cros_milestone'))) {
    return found("Runs in ChromeOS's Linux, which shows no USB drives.", CHROMEOS_REMEDY);
  }
  if (variables['SNAP']) {
    const name = variables['SNAP_INSTANCE_NAME'] ?? variables['SNAP_NAME'] ?? 'NAME';
    return found(`Runs inside the snap ${name}, which may hide drives.`, SNAP_REMEDY.replaceAll('NAME', name));
  }
  if (variables['FLATPAK_ID'] || (await isThere(join(root, '.flatpak-info')))) {
    return found('Runs inside a Flatpak, which may hide drives and mounts.', FLATPAK_REMEDY);
  }
  const kind = await containerKind(variables, root);
  if (kind === null) return [];
  return found(`Runs in a container (${kind}), which may hide drives and mounts.`, CONTAINER_REMEDY);
}

/** The name that the container's manager gives (systemd's Container Interface), or whose mark is there; `null`: none. */
async function containerKind(variables: Surroundings['variables'], root: string): Promise<string | null> {
  const told = await readFile(join(root, 'run/systemd/container'), 'utf8').catch(() => '');
  const kind = told.trim() || variables['container'];
  if (kind) return kind;
  if (await isThere(join(root, '.dockerenv'))) return 'docker';
  return (await isThere(join(root, 'run/.containerenv'))) ? 'podman' : null;
}
