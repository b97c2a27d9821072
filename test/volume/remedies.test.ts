import { describe, expect, test } from 'vitest';
import {
  mountRemedy,
  permissionRemedy,
  readOnlyRemedy,
  releaseRemedy,
  type System,
} from '../../src/volume/remedies.ts';

function system(platform: NodeJS.Platform, env: System['env'] = {}): System {
  return { platform, env, uid: platform === 'win32' ? null : 1000, program: '/opt/node/bin/node' };
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
    ['umount', releaseRemedy('/dev/sdb1', '/mnt', system('linux')), 'umount /mnt'],
    ['ejecting', releaseRemedy('E:', 'E:\\', system('win32')), 'Eject E:'],
  ])('%s', (_, remedy, expected) => {
    expect(remedy).toContain(expected);
  });
});
