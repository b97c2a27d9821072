import { describe, expect, test } from 'vitest';
import { dissenterOf } from '../../../src/volume/darwin/diskutil.ts';
import { MISSING, ran } from '../a-computer.ts';
import { jumpingClock, mountedOf } from '../a-volume.ts';
import { aMac, NO_SUCH_DISK } from './a-mac.ts';

/** The form of macOS 26.5, in veracrypt/VeraCrypt issue 1872; of 26.6 people show the same. */
const BUSY = ran(
  'Unmount of disk4s1 failed: at least one volume could not be unmounted\n' +
    'Unmount was dissented by PID 4711 (/Applications/VLC.app/Contents/MacOS/VLC)\n' +
    'Dissenter parent PPID 47778 (/bin/zsh)\n',
  1,
);

describe('releasing on macOS', () => {
  test('unmounts by diskutil and never ejects', async () => {
    const mac = await aMac();
    await mac.volumes.release(await mountedOf(mac.volumes));
    expect(mac.asked.at(-1)).toBe('diskutil unmount disk4s1');
    expect(mac.asked.join()).not.toContain('eject');
  });

  test('resolves with the path, and another volume of the card is released by its own name', async () => {
    const mac = await aMac();
    const mounted = await mountedOf(mac.volumes);
    expect(await mac.volumes.release(mounted)).toEqual([mac.mountPoint]);
    mac.mountedAt = mac.mountPoint;
    mac.info = (text) => ran(text.replaceAll('disk4s1', 'disk4s2'));
    await mac.volumes.release({ ...mounted, volume: { ...mounted.volume, id: 'disk4s2' } });
    expect(mac.asked.at(-1)).toBe('diskutil unmount disk4s2');
  });

  test('names who holds the volume, which stays usable', async () => {
    const mac = await aMac();
    mac.unmount = () => BUSY;
    const mounted = await mountedOf(mac.volumes);
    const refused: unknown = await mac.volumes.release(mounted).catch((thrown: unknown) => thrown);
    expect(refused).toMatchObject({ code: 'volume-busy' });
    expect(String(refused)).toContain('VLC (process 4711)');
    expect((await mountedOf(mac.volumes)).mount.id).toBe(mounted.mount.id);
  });

  test.each([
    // DeterminateSystems/nix-installer issues 836 and 1303.
    [
      'another form',
      'The volume "Untitled 1" on disk4s1 couldn\'t be unmounted because it is in use by process 0 (kernel)',
      'kernel (process 0)',
    ],
    ['another language', 'Das Volume „Untitled 1“ auf disk4s1 konnte nicht deaktiviert werden', 'Das Volume'],
  ])('says that somebody holds it, also if diskutil says so in %s', async (_, said, found) => {
    const mac = await aMac();
    mac.unmount = () => ran('', 1, said);
    const mounted = await mountedOf(mac.volumes);
    await expect(mac.volumes.release(mounted)).rejects.toMatchObject({
      code: 'volume-busy',
      message: expect.stringContaining(found),
    });
  });

  test.each(['Unmount failed: the operation is not permitted', 'Der Vorgang wurde abgelehnt (0xF8DA0009)'])(
    'without rights says so: %s',
    async (said) => {
      const mac = await aMac();
      mac.unmount = () => ran('', 1, said);
      await expect(mac.volumes.release(await mountedOf(mac.volumes))).rejects.toMatchObject({
        code: 'volume-permission',
        remedy: expect.stringContaining('diskutil unmount disk4s1'),
      });
    },
  );

  test('that does not end in time is told as that, and not as a want of rights', async () => {
    const mac = await aMac();
    mac.unmount = () => ({ ...MISSING, failure: 'too-slow' });
    await expect(mac.volumes.release(await mountedOf(mac.volumes))).rejects.toMatchObject({ code: 'volume-stalled' });
  });

  test('is done if somebody else unmounted it meanwhile', async () => {
    const mac = await aMac();
    mac.unmount = () => {
      mac.mountedAt = null;
      return ran('', 1, 'disk4s1 was already unmounted');
    };
    await mac.volumes.release(await mountedOf(mac.volumes));
  });

  test('of a device that left meanwhile says that it is gone', async () => {
    const mac = await aMac();
    const mounted = await mountedOf(mac.volumes);
    mac.unmount = () => {
      mac.info = () => NO_SUCH_DISK;
      return ran('', 1, 'Unable to find disk for disk4s1');
    };
    await expect(mac.volumes.release(mounted)).rejects.toMatchObject({ code: 'volume-gone' });
  });
});

describe('mounting on macOS', () => {
  test('goes through diskutil', async () => {
    const mac = await aMac();
    mac.mountedAt = null;
    const [drive] = await mac.volumes.list();
    const [volume] = drive?.volumes ?? [];
    if (drive === undefined || volume === undefined) throw new Error('expected a volume');
    await mac.volumes.mount(drive, volume);
    expect(mac.asked.at(-1)).toBe('diskutil mount disk4s1');
  });

  test('for reading alone writes nothing to the card', async () => {
    const mac = await aMac();
    const mounted = await mountedOf(mac.volumes);
    await mac.volumes.mount(mounted.drive, mounted.volume, { readOnly: true });
    expect(mac.asked.at(-1)).toBe('diskutil mount readOnly disk4s1');
  });

  test('that fails again and again says so, with the command to try', async () => {
    const mac = await aMac({ clock: jumpingClock(1_000) });
    const mounted = await mountedOf(mac.volumes);
    mac.mount = () => ran('Volume on disk4s1 failed to mount\n', 1);
    await expect(mac.volumes.mount(mounted.drive, mounted.volume)).rejects.toMatchObject({
      code: 'volume-not-mounted',
      remedy: expect.stringContaining('diskutil mount disk4s1'),
    });
    expect(mac.asked.filter((line) => line === 'diskutil mount disk4s1').length).toBeGreaterThan(1);
  });
});

describe('the same mount on macOS', () => {
  test('a plain folder in the place of the mount is refused: both lie on one file system', async () => {
    const mac = await aMac();
    const mounted = await mountedOf(mac.volumes);
    await expect(mac.volumes.read(mounted, 'SPACEPAK/INFO.TXT', 10)).rejects.toMatchObject({ code: 'volume-gone' });
  });
});

describe('who dissented', () => {
  test.each([
    [
      'Unmount was dissented by PID 412 (/Applications/Foo (Beta).app/Foo)',
      '/Applications/Foo (Beta).app/Foo (process 412)',
    ],
    ['Dissenter parent PPID 47778 (/bin/zsh)', null],
    [BUSY.stdout, '/Applications/VLC.app/Contents/MacOS/VLC (process 4711)'],
    ['failed to unmount: dissented by PID 12', 'process 12'],
    ['failed to unmount', null],
  ])('%s', (text, who) => {
    expect(dissenterOf(text)).toBe(who);
  });
});
