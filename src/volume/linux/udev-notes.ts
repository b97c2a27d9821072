import { readdirSync, realpathSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Computer } from '../computer.ts';
import { unlessVanished } from '../vanished.ts';
import { type BlockDevice, fileSystemOf, partitionTypeOf, schemeOf } from './block-device.ts';
import { kernelText } from './kernel-text.ts';
import { usbDiskNames } from './sysfs.ts';

/**
 * The disks on USB, from the kernel's folders and udev's notes. This is what lsblk prints, without starting it: when a
 * returned device has just been mounted, starting lsblk would be most of the time it takes to find it. `null` if udev
 * keeps no notes. Throws the system's error if it cannot look.
 */
export function readNotedDisks(computer: Computer): readonly BlockDevice[] | null {
  const { sys, runDirectory } = computer;
  const names = usbDiskNames(sys);
  if (names === null || !isThere(join(runDirectory, 'udev', 'data'))) return null;
  // A disk that is no longer there left while we looked.
  return names.map((name) => unlessVanished(() => readDisk(computer, name))).filter((disk) => disk !== null);
}

function readDisk(computer: Computer, name: string): BlockDevice {
  const folder = realpathSync.native(join(computer.sys, 'class', 'block', name));
  const partitions = readdirSync(folder)
    .filter((entry) => entry.startsWith(name) && isThere(join(folder, entry, 'partition')))
    .map((entry) => ({ folder: join(folder, entry), number: Number(kernelText(join(folder, entry, 'partition'))) }))
    .sort((one, other) => one.number - other.number)
    .map((partition) => readDevice(computer, partition.folder, 'part', []));
  return readDevice(computer, folder, 'disk', partitions);
}

function isThere(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}

function readDevice(
  { runDirectory }: Computer,
  folder: string,
  type: string,
  children: readonly BlockDevice[],
): BlockDevice {
  const device = kernelText(join(folder, 'dev')).trim();
  const note = readNote(join(runDirectory, 'udev', 'data', `b${device}`));
  const fileSystem = fileSystemOf(note.get('ID_FS_TYPE') ?? null, note.get('ID_FS_VERSION') ?? null);
  return {
    path: `/dev/${basename(folder)}`,
    device,
    type,
    external: true,
    readOnly: type === 'disk' && kernelText(join(folder, 'ro')).trim() === '1',
    // The kernel counts sectors of 512 bytes, whatever the disk's own sector size.
    sizeBytes: Number(kernelText(join(folder, 'size'))) * 512,
    fileSystem,
    label: unescapeNote(note.get('ID_FS_LABEL_ENC') ?? ''),
    scheme: schemeOf(note.get('ID_PART_TABLE_TYPE') ?? null, fileSystem, children.length),
    partitionType: partitionTypeOf(note.get('ID_PART_ENTRY_TYPE') ?? null),
    children,
  };
}

/** The properties in a note of udev. Empty if there is no note yet. */
function readNote(path: string): ReadonlyMap<string, string> {
  return parseNote(unlessVanished(() => kernelText(path)) ?? '');
}

/** The properties in the text of a note: lines `E:KEY=value`; the others are left out. */
export function parseNote(text: string): ReadonlyMap<string, string> {
  const lines = text.split('\n').map((line) => /^E:([^=]+)=(.*)$/.exec(line));
  return new Map(lines.flatMap((found) => (found?.[1] === undefined ? [] : [[found[1], found[2] ?? '']])));
}

/**
 * A label, decoded. udev writes each byte that is not a plain letter in the form `\x20`; the rest is UTF-8. `text`: one
 * character per byte.
 */
export function unescapeNote(text: string): string {
  const bytes = text.replace(/\\x([0-9a-f]{2})/gi, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
