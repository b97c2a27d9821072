import type { MountedVolume } from '../protocol/sight.ts';

/** What the remedies depend on: the system, and this program's confinement and identity. */
export interface System {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The user's numeric id; `null` on Windows. */
  readonly uid: number | null;
  /** The program to which the user must grant access: the path of node. */
  readonly program: string;
}

/** This process as it really runs. */
export const thisSystem: System = {
  platform: process.platform,
  env: process.env,
  uid: process.getuid?.() ?? null,
  program: process.execPath,
};

/** Describes the rule that lets a user do it from anywhere; it is never installed. */
function polkitRule(...actions: readonly string[]): string {
  const names = actions.map((action) => `org.freedesktop.udisks2.${action}`).join(' and ');
  return `a polkit rule that answers YES to ${names} for this user (see polkit(8), /etc/polkit-1/rules.d)`;
}

/**
 * What to do when the system denies access to a volume. On macOS, `errno` tells a privacy setting from file modes;
 * `owner` is the id of the user the volume is mounted for, if known.
 */
export function permissionRemedy(errno: string, system: System, owner: number | null = null): string {
  switch (system.platform) {
    case 'darwin':
      return errno === 'EPERM'
        ? 'Open System Settings > Privacy & Security > Files & Folders and switch on Removable Volumes for the program that ' +
            `runs this command: your terminal, or ${system.program} when it runs as a login item. ` +
            'This opens the page: open "x-apple.systempreferences:com.apple.preference.security?Privacy_FilesAndFolders"'
        : 'The volume belongs to another user of this Mac: run the command as the user who is logged in at the screen.';
    case 'win32':
      return (
        'If Controlled folder access is on, allow this program in Windows Security > Virus & threat protection > Ransomware ' +
        'protection. If a policy denies writing to removable disks, ask your administrator.'
      );
    default:
      return linuxPermissionRemedy(system, owner);
  }
}

function linuxPermissionRemedy({ env, uid }: System, owner: number | null): string {
  if (env['SNAP']) {
    const name = env['SNAP_INSTANCE_NAME'] ?? env['SNAP_NAME'] ?? 'NAME';
    return `This program runs inside a snap. Allow it: sudo snap connect ${name}:removable-media`;
  }
  if (env['FLATPAK_ID']) {
    return `This program runs inside a Flatpak. Allow it: flatpak override --user --filesystem=/run/media --filesystem=/media ${env['FLATPAK_ID']}`;
  }
  const whose = owner === null || owner === uid ? 'another user' : `the user with id ${owner}`;
  return (
    `The volume is mounted for ${whose}, but this program runs as the user with id ${uid}. Unmount it and mount it as yourself: ` +
    `udisksctl mount -b DEVICE, or mount it with the option uid=${uid}.`
  );
}

/** What to do about a volume that cannot be written to. */
export function readOnlyRemedy(system: System): string {
  const lock = 'Move the lock switch of the card, plug the device in again, and repeat the command.';
  if (system.platform === 'win32') {
    return `${lock} If it is not the switch, a policy may deny writing to removable disks (BitLocker: "Deny write access to removable drives not protected by BitLocker"): ask your administrator.`;
  }
  if (system.platform === 'linux') {
    return `${lock} If it is not the switch, the system mounted the volume read-only: mount it for writing, and check the kernel log for card errors.`;
  }
  return lock;
}

/** What to do when the volume is not mounted and this program may not or cannot mount it. */
export function mountRemedy(volumeId: string, system: System): string {
  switch (system.platform) {
    case 'darwin':
      return `Mount it: diskutil mount ${volumeId}`;
    case 'win32':
      return 'Give the volume a drive letter in Disk Management (diskmgmt.msc).';
    default:
      return `Mount it: udisksctl mount -b ${volumeId}, or as root: mount ${volumeId} DIR. Without a desktop session udisks asks for ${polkitRule('filesystem-mount', 'filesystem-mount-other-seat')}.`;
  }
}

/**
 * What to do when this program may not unmount the volume. People paste commands into a shell: none of them holds the
 * path, for it ends in what the card says is its name.
 */
export function releaseRemedy(volumeId: string, path: string, system: System): string {
  switch (system.platform) {
    case 'darwin':
      return `Unmount it: diskutil unmount ${volumeId}`;
    case 'win32':
      return `Eject ${path} in File Explorer, or with "Safely Remove Hardware".`;
    default:
      return `Unmount it: udisksctl unmount -b ${volumeId}, or as root: umount ${volumeId}. Without a desktop session udisks asks for ${polkitRule('filesystem-unmount-others')}.`;
  }
}

/**
 * What a person types to check and repair the file system on the card. A card that was once pulled out keeps its dirty
 * mark until then, and some devices do not write to such a card (protocol §7.3).
 */
export function checkRemedy({ volume, mount }: MountedVolume, system: System): string {
  const again = 'Then plug the device in again and repeat the command.';
  switch (system.platform) {
    case 'darwin':
      return `Check and repair the card: diskutil repairVolume ${volume.id}. ${again}`;
    case 'win32':
      return `Check and repair the card, in a Command Prompt run as administrator: chkdsk ${letterOf(mount.path)} /f. ${again}`;
    default: {
      const checker = volume.fileSystem === 'exfat' ? 'fsck.exfat' : 'fsck.vfat -a';
      // Not with udisksctl: checking needs root anyway, and this works without udisks or a session.
      return `Unmount the card, then check and repair it: sudo umount ${volume.id}; sudo ${checker} ${volume.id}. ${again}`;
    }
  }
}

/** The same for a folder that stands for a volume. */
export function checkFolder({ mount }: MountedVolume): string {
  return `Check what is in the folder ${mount.path}, which stands for the card.`;
}

/** `E:` for `E:\\`. */
function letterOf(path: string): string {
  return path.replace(/[\\/]+$/, '');
}
