import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { SpacepackError } from '../../protocol/errors.ts';
import type { Computer } from '../computer.ts';
import { nullIfVanished } from '../vanished.ts';
import { exactTextAt, isDictionary, runForPropertyList, textAt } from './property-list.ts';

/** What `diskutil info` says of a volume. */
export interface DiskutilInfo {
  /** `null`: not mounted. */
  readonly mountPoint: string | null;
  readonly label: string;
  /** As `Volume.fileSystem`. */
  readonly fileSystem: string | null;
  readonly writable: boolean;
}

/**
 * What diskutil knows of `disk4s1`; `null` if there is no such disk: it says so, or says something else, perhaps in another
 * language, and the disk's node is gone. Rejects with `listing-failed` if it cannot be asked.
 */
export async function diskutilInfo(
  { run, dev }: Pick<Computer, 'run' | 'dev'>,
  name: string,
): Promise<DiskutilInfo | null> {
  const { value, ran } = await runForPropertyList(run, 'diskutil', ['info', '-plist', name]);
  if (!isDictionary(value) || textAt(value, 'DeviceIdentifier') !== name) {
    const printed = isDictionary(value) ? (textAt(value, 'ErrorMessage') ?? 'another disk') : ran.stdout;
    const said = `${printed}\n${ran.stderr}`.trim();
    if (/could not find disk/i.test(said)) return null;
    if (ran.failure === null && (await stat(join(dev, name)).catch(nullIfVanished)) === null) return null;
    const found = said.split('\n', 1)[0] || (ran.failure ?? `exit status ${ran.status}`);
    throw new SpacepackError('listing-failed', `Expected diskutil to describe ${name}, found: ${found}`);
  }
  return {
    mountPoint: exactTextAt(value, 'MountPoint'),
    label: textAt(value, 'VolumeName') ?? '',
    fileSystem: fileSystemOf(textAt(value, 'FilesystemType'), textAt(value, 'FilesystemName')),
    writable: value['WritableVolume'] !== false,
  };
}

/** `msdos` with the name `MS-DOS FAT32`, for instance. Both are missing until Disk Arbitration has looked at it. */
function fileSystemOf(type: string | null, name: string | null): string | null {
  if (type !== 'msdos') return type?.toLowerCase() ?? null;
  const [width] = /FAT(12|16|32)/.exec(name ?? '') ?? ['fat'];
  return width.toLowerCase();
}

/**
 * Who prevented an unmount, from what diskutil printed; `null` if it names nobody. `dissented by PID 47781 (/usr/bin/tail)`
 * or `in use by process 0 (kernel)`, then perhaps the parent, `PPID 47778 (/bin/zsh)`: in any language the first number of a
 * process counts.
 */
export function dissenterOf(text: string): string | null {
  const [, pid, program] = /\b(?:PID|process) (\d+)(?: \((.*)\))?/.exec(text) ?? [];
  if (pid === undefined) return null;
  return program === undefined ? `process ${pid}` : `${program} (process ${pid})`;
}
