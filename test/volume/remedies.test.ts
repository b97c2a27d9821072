import { describe, expect, test } from 'vitest';
import type { MountedVolume } from '../../src/protocol/sight.ts';
import {
  checkFolder,
  checkRemedy,
  mountRemedy,
  permissionRemedy,
  readOnlyRemedy,
  releaseRemedy,
  type System,
} from '../../src/volume/remedies.ts';

function system(platform: NodeJS.Platform, env: System['env'] = {}): System {
  return { platform, env, uid: platform === 'win32' ? null : 1000, program: '/opt/node/bin/node' };
}

/** A card in no particular drive. */
function card(id: string, path: string, fileSystem: string = 'fat32'): MountedVolume {
  const mount = { path, id: 'x', readOnly: false };
  const volume = { id, label: '', fileSystem, sizeBytes: 1, mount };
  const facts = { usb: null, vendor: null, product: null, mediaName: '', sizeBytes: 1, writeProtected: false } as const;
  return { drive: { ...facts, id: 'x', attachment: 'x', scheme: 'mbr', volumes: [volume] }, volume, mount };
}

describe('remedies name the way of the system', () => {
  test.each([
    ['the privacy setting', permissionRemedy('EPERM', system('darwin')), 'Privacy & Security > Files & Folders'],
    ['its page', permissionRemedy('EPERM', system('darwin')), 'x-apple.systempreferences:'],
    ['the program to allow', permissionRemedy('EPERM', system('darwin')), '/opt/node/bin/node'],
    ['the user at the screen', permissionRemedy('EACCES', system('darwin')), 'another user'],
    [
      'the snap',
      permissionRemedy('EACCES', system('linux', { SNAP: '/snap/x', SNAP_NAME: 'spacepack' })),
      'snap connect spacepack:removable-media',
    ],
    ['the Flatpak', permissionRemedy('EACCES', system('linux', { FLATPAK_ID: 'org.x' })), 'flatpak override'],
    ['the user id', permissionRemedy('EACCES', system('linux')), 'uid=1000'],
    ['the owner', permissionRemedy('EACCES', system('linux'), 4711), 'the user with id 4711'],
    ['the policy', permissionRemedy('EPERM', system('win32')), 'policy'],
    ['BitLocker', readOnlyRemedy(system('win32')), 'BitLocker'],
    ['the lock switch', readOnlyRemedy(system('darwin')), 'lock switch'],
    ['polkit', mountRemedy('/dev/sdb1', system('linux')), 'org.freedesktop.udisks2.filesystem-mount'],
    ['diskutil', mountRemedy('disk4s1', system('darwin')), 'diskutil mount disk4s1'],
    ['umount', releaseRemedy('/dev/sdb1', '/mnt', system('linux')), 'umount /dev/sdb1'],
    ['ejecting', releaseRemedy('E:', 'E:\\', system('win32')), 'Eject E:'],
    [
      'fsck.vfat, after an unmount',
      checkRemedy(card('/dev/sdb1', '/mnt'), system('linux')),
      'sudo umount /dev/sdb1; sudo fsck.vfat -a /dev/sdb1.',
    ],
    ['fsck.exfat', checkRemedy(card('/dev/sdb1', '/mnt', 'exfat'), system('linux')), 'sudo fsck.exfat /dev/sdb1.'],
    ['repairVolume', checkRemedy(card('disk4s1', '/Volumes/X'), system('darwin')), 'diskutil repairVolume disk4s1.'],
    ['chkdsk', checkRemedy(card('E:', 'E:\\'), system('win32')), 'chkdsk E: /f.'],
    ['the administrator of chkdsk', checkRemedy(card('E:', 'E:\\'), system('win32')), 'administrator'],
    ['the folder that stands for a card', checkFolder(card('SP', '/tmp/root/SP')), '/tmp/root/SP'],
  ])('%s', (_, remedy, expected) => {
    expect(remedy).toContain(expected);
  });
});

test.each(['linux', 'darwin'] as const)('no command to paste into a shell on %s holds what a card says', (platform) => {
  const label = '$(reboot)';
  const mounted = card(platform === 'linux' ? '/dev/sdb1' : 'disk4s1', `/media/me/${label}`);
  const { id } = mounted.volume;
  const { path } = mounted.mount;
  const said = [releaseRemedy(id, path, system(platform)), checkRemedy(mounted, system(platform))];
  expect(said.join()).not.toContain(label);
});
