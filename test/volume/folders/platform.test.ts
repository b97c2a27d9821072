import { existsSync, mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createDirectoryVolumes } from '../../../src/volume/folders/volumes.ts';
import { aVolume, mountedOf, NOTE, temporaryFolder, writeNote } from '../a-volume.ts';

describe('folders as volumes', () => {
  test('the note beside a folder says what its drive is', async () => {
    const { volumes, root } = await aVolume();
    await writeNote(root, 'SP', NOTE);
    const [drive] = await volumes.list();
    expect(drive).toMatchObject({
      attachment: 'first',
      usb: NOTE.usb,
      vendor: 'mophie',
      product: 'SpacePack',
      mediaName: NOTE.mediaName,
      scheme: 'mbr',
      writeProtected: false,
      sizeBytes: NOTE.sizeBytes,
    });
    expect(drive?.volumes[0]).toMatchObject({ label: 'Untitled 1', fileSystem: 'fat32' });
    expect(await volumes.freeBytes(await mountedOf(volumes))).toBe(1_000_000);
  });

  test('a folder without a note is a drive that cannot be known', async () => {
    const { volumes, mounted } = await aVolume();
    const [drive] = await volumes.list();
    expect(drive).toMatchObject({ usb: null, scheme: 'mbr', vendor: null, product: null, mediaName: 'SP' });
    expect(drive?.volumes[0]).toMatchObject({ fileSystem: 'fat32', label: 'SP' });
    expect(await volumes.freeBytes(mounted)).toBeGreaterThan(0);
  });

  test('a drive without a medium has no volume', async () => {
    const { volumes, root } = await aVolume();
    await writeNote(root, 'SP', { ...NOTE, sizeBytes: 0 });
    expect(await volumes.list()).toMatchObject([{ sizeBytes: 0, volumes: [] }]);
  });

  test.each([
    ['no JSON', '{'],
    ['no object', '[]'],
    ['a missing part', JSON.stringify({ ...NOTE, label: undefined })],
    ['a negative size', JSON.stringify({ ...NOTE, sizeBytes: -1 })],
    ['an unknown scheme', JSON.stringify({ ...NOTE, scheme: 'apm' })],
    ['a USB id of 17 bits', JSON.stringify({ ...NOTE, usb: { ...NOTE.usb, vendorId: 0x10000 } })],
    ['a product that is no text', JSON.stringify({ ...NOTE, product: 7 })],
    ['a serial that is no text', JSON.stringify({ ...NOTE, usb: { ...NOTE.usb, serial: 7 } })],
    ['a name as long as a book', JSON.stringify({ ...NOTE, mediaName: 'x'.repeat(10_000) })],
    ['a huge note', `${JSON.stringify(NOTE)}${' '.repeat(100_000)}`],
  ])('a note with %s counts as none', async (_, note) => {
    const { volumes, root } = await aVolume();
    await writeNote(root, 'SP', note);
    expect(await volumes.list()).toMatchObject([{ usb: null, mediaName: 'SP' }]);
  });

  test('a note whose system tells no name is one', async () => {
    const { volumes, root } = await aVolume();
    await writeNote(root, 'SP', { ...NOTE, vendor: null, product: null });
    expect(await volumes.list()).toMatchObject([{ usb: NOTE.usb, vendor: null, product: null }]);
  });

  test('files, links and hidden folders are no volumes', async () => {
    const { volumes, root } = await aVolume();
    writeFileSync(join(root, 'file'), '');
    symlinkSync('/', join(root, 'link'));
    mkdirSync(join(root, '.hidden'));
    expect((await volumes.list()).map(({ volumes: [volume] }) => volume?.id)).toEqual(['SP']);
  });

  test('a root that is not there is "not known", never "everything left"', async () => {
    const volumes = createDirectoryVolumes(join(await temporaryFolder(), 'missing'));
    await expect(volumes.list()).rejects.toMatchObject({ code: 'listing-failed' });
  });
});

describe('releasing and mounting a folder', () => {
  test('moves it aside and back, and the mount made anew is another one', async () => {
    const { volumes, mounted, root } = await aVolume();
    await volumes.release(mounted);
    expect(existsSync(join(root, '.unmounted', 'SP', 'SPACEPAK'))).toBe(true);
    const [drive] = await volumes.list();
    const [volume] = drive?.volumes ?? [];
    expect(volume).toMatchObject({ id: 'SP', mount: null });
    if (drive === undefined || volume === undefined) throw new Error('expected a drive with a volume');
    expect(drive.attachment).toBe(mounted.drive.attachment);

    await volumes.mount(drive, volume);
    const again = await mountedOf(volumes);
    expect(again.mount.path).toBe(mounted.mount.path);
    expect(again.mount.id).not.toBe(mounted.mount.id);
    await expect(volumes.read(mounted, 'SPACEPAK/INFO.TXT', 1)).rejects.toMatchObject({ code: 'volume-gone' });
    expect(await volumes.read(again, 'SPACEPAK/INFO.TXT', 1)).toBeNull();
  });

  test('a mount for reading alone is one, until it is mounted otherwise', async () => {
    const { volumes, mounted } = await aVolume();
    expect(await volumes.release(mounted)).toEqual([mounted.mount.path]);
    await volumes.mount(mounted.drive, mounted.volume, { readOnly: true });
    const again = await mountedOf(volumes);
    expect(again.mount.readOnly).toBe(true);
    await volumes.release(again);
    await volumes.mount(again.drive, again.volume);
    expect((await mountedOf(volumes)).mount.readOnly).toBe(false);
  });

  test('a mount that somebody else made anew, seen unmounted in between, is another one', async () => {
    const { volumes, mounted, root } = await aVolume();
    mkdirSync(join(root, '.unmounted'));
    renameSync(join(root, 'SP'), join(root, '.unmounted', 'SP'));
    await volumes.list();
    renameSync(join(root, '.unmounted', 'SP'), join(root, 'SP'));
    expect((await mountedOf(volumes)).mount.id).not.toBe(mounted.mount.id);
  });

  test('looking again does not make it another mount', async () => {
    const { volumes, mounted } = await aVolume();
    expect((await mountedOf(volumes)).mount.id).toBe(mounted.mount.id);
  });

  test('a volume that has left cannot be mounted', async () => {
    const { volumes, mounted, root } = await aVolume();
    renameSync(join(root, 'SP'), join(root, '.away'));
    await expect(volumes.mount(mounted.drive, mounted.volume)).rejects.toMatchObject({ code: 'volume-not-mounted' });
  });
});
