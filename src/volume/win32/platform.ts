import { stat } from 'node:fs/promises';
import { errnoOf } from '../../computer/errno.ts';
import { leaveFolder } from '../../computer/working-folder.ts';
import { SpacepackError } from '../../protocol/errors.ts';
import type { Drive, MountedVolume, Volume } from '../../protocol/sight.ts';
import type { Computer } from '../computer.ts';
import { deviceNumber } from '../device-number.ts';
import { type Enumerator, withSecondOpinion } from '../enumerator.ts';
import { createGenerations, type Generations } from '../generations.ts';
import type { Platform } from '../platform.ts';
import { createQuickLooks, type QuickLook } from '../quick-looks.ts';
import { mountRemedy, releaseRemedy } from '../remedies.ts';
import { type Attachments, createAttachments } from './attachments.ts';
import type { WindowsDisk } from './listing.ts';
import { errorOf, quoted, runPowerShell } from './powershell.ts';
import { requireAttachment } from './scripts.ts';

const LETTERS: readonly string[] = [...'DEFGHIJKLMNOPQRSTUVWXYZ'];

/**
 * Windows: CIM for drives, letters for mounts. Built from documentation and other people's reports; it has not run on
 * Windows yet.
 */
export function win32Platform(computer: Computer, enumerator: Enumerator): Platform {
  const generations = createGenerations();
  const attachments = createAttachments(computer);
  const quickLook = createQuickLooks(computer.clock);
  return {
    list: createLister(computer, enumerator, generations, attachments),
    holds: (volume) => holds(generations, attachments, volume),
    mount: (_drive, volume, options) => mount(computer, volume, options),
    async release(volume) {
      await release(computer, volume);
      generations.ended(volume.volume.id);
      return [volume.mount.path];
    },
    look: () => look(computer, quickLook),
    // The root of a drive has no parent to watch.
    watched: () => ({ mountParents: [], notes: [] }),
  };
}

function createLister(
  computer: Computer,
  enumerator: Enumerator,
  generations: Generations,
  attachments: Attachments,
): () => Promise<readonly Drive[]> {
  const list = withSecondOpinion(
    enumerator,
    () => attachments.list(),
    (device, disks) => disks.some(({ id }) => id.toUpperCase() === device.toUpperCase()),
  );
  return async () => Promise.all((await list()).map((disk) => describe(computer, disk, generations)));
}

async function describe(computer: Computer, disk: WindowsDisk, generations: Generations): Promise<Drive> {
  const volumes = disk.volumes.map(async ({ letter, ...volume }): Promise<Volume> => {
    const path = letter === null ? null : computer.letterRoot(letter);
    const serial = path === null ? null : await volumeSerial(path);
    if (path === null || serial === null) {
      generations.ended(volume.id);
      return { ...volume, mount: null };
    }
    const id = generations.seen(volume.id, `${disk.attachment}/${serial}`);
    return { ...volume, mount: { path, id, readOnly: disk.readOnly } };
  });
  const { id, attachment, usb, vendor, product, mediaName, sizeBytes, readOnly, scheme } = disk;
  return {
    id,
    attachment,
    usb,
    vendor,
    product,
    mediaName,
    sizeBytes,
    writeProtected: readOnly,
    scheme,
    volumes: await Promise.all(volumes),
  };
}

/**
 * Checks that the letter shows the same file system, and the device tree that the same attach does. There is no handle to a
 * folder here.
 */
async function holds(
  generations: Generations,
  attachments: Attachments,
  { drive, volume, mount }: MountedVolume,
): Promise<boolean> {
  const serial = await volumeSerial(mount.path);
  if (serial === null || !generations.isCurrent(volume.id, `${drive.attachment}/${serial}`, mount.id)) return false;
  return attachments.isCurrent(drive.attachment);
}

async function mount(
  { run, system, letterRoot }: Computer,
  volume: Volume,
  { readOnly }: { readonly readOnly: boolean },
): Promise<void> {
  if (readOnly) {
    // With a letter, Windows writes its own files, for instance `System Volume Information`.
    throw new SpacepackError(
      'volume-not-mounted',
      `mounting ${volume.id}: expected to mount it read-only, found that Windows writes to every volume it mounts.`,
      {
        remedy: mountRemedy(volume.id, system),
      },
    );
  }
  for (const letter of [...LETTERS].reverse()) {
    // A letter that cannot be checked is not free.
    if ((await volumeSerial(letterRoot(letter)).catch(() => undefined)) !== null) continue;
    const ran = await run('mountvol.exe', [`${letter}:`, volume.id]);
    if (ran.status === 0) return;
    const found = `${ran.stdout}\n${ran.stderr}`.trim() || ran.failure || `exit status ${ran.status}`;
    throw new SpacepackError(
      'volume-not-mounted',
      `mounting ${volume.id}: expected mountvol to succeed, found: ${found}`,
      {
        remedy: mountRemedy(volume.id, system),
      },
    );
  }
  throw new SpacepackError('volume-not-mounted', `mounting ${volume.id}: expected a free drive letter, found none.`);
}

/** Paths of the drive's other volumes that have a file system now. */
async function othersOf({ drive, volume }: MountedVolume): Promise<readonly string[]> {
  const paths = drive.volumes.filter(({ id }) => id !== volume.id).flatMap(({ mount }) => mount?.path ?? []);
  // One that cannot be checked may be in use.
  const shown = await Promise.all(paths.map((path) => volumeSerial(path).catch(() => undefined)));
  return paths.filter((_, index) => shown[index] !== null);
}

/**
 * Ejects as File Explorer does: the only way to flush and dismount that needs no administrator; it takes the whole
 * device. The verb returns at once and reports nothing, so the script waits for the letter to disappear.
 */
async function release({ run, system }: Computer, mounted: MountedVolume): Promise<void> {
  const { drive, volume, mount } = mounted;
  const doing = `releasing ${volume.id}`;
  const others = await othersOf(mounted);
  if (others.length > 0) {
    const found = `${others.join(', ')} of the same device, and Windows can only eject it whole`;
    throw new SpacepackError('volume-busy', `${doing}: expected no other volume to be in use, found ${found}.`, {
      remedy: `Remove the drive letter of ${others.join(', ')} in Disk Management (diskmgmt.msc), and repeat the command.`,
    });
  }
  leaveFolder(mount.path);
  const root = quoted(mount.path);
  const ran = await runPowerShell(
    run,
    `${requireAttachment(drive.attachment)}
if (-not (Test-Path -LiteralPath ${root})) { 'gone'; exit }
$item = (New-Object -ComObject Shell.Application).NameSpace(17).ParseName(${root})
if (-not $item) { 'gone'; exit }
$item.InvokeVerb('Eject')
for ($left = 100; $left -gt 0 -and (Test-Path -LiteralPath ${root}); $left--) { Start-Sleep -Milliseconds 100 }
if (Test-Path -LiteralPath ${root}) { 'held' } else { 'released' }`,
  );
  const said = ran.stdout.trim();
  if (said === 'released') return;
  if (said === 'gone') throw new SpacepackError('volume-gone', `${doing}: expected it at ${mount.path}, found none.`);
  const remedy = releaseRemedy(volume.id, mount.path, system);
  if (said === 'held') {
    // Of a composite device Windows may mount the volume again at once, though nobody uses it.
    const found = 'that it still is: a program may be using it';
    throw new SpacepackError('volume-busy', `${doing}: expected it to be mounted no longer, found ${found}.`, {
      remedy,
    });
  }
  throw new SpacepackError('volume-permission', `${doing}: expected PowerShell to succeed, found: ${errorOf(ran)}`, {
    remedy,
  });
}

/** The numbers of paths: they are only compared with each other, and no folder is opened, which would be in an eject's way. */
async function look({ letterRoot }: Computer, quickLook: QuickLook): Promise<string> {
  const seen = await Promise.all(
    LETTERS.map(async (letter) => {
      const found = await quickLook(letter, () => stat(letterRoot(letter), { bigint: true }));
      return `${letter}${found?.dev ?? ''}`;
    }),
  );
  return seen.join(' ');
}

/**
 * Errors of the look itself. A letter without a drive, medium or file system gives many other errors, UNKNOWN among
 * them.
 */
const NO_LOOK: readonly string[] = ['EMFILE', 'ENFILE', 'ENOMEM', 'EACCES', 'EPERM', 'ELOOP'];

/**
 * The serial number of the file system at a letter, set when it was formatted; `null`: no medium. Rejects with the system's
 * error if it cannot look.
 */
function volumeSerial(path: string): Promise<bigint | null> {
  return deviceNumber(path).catch((thrown: unknown) => {
    if (NO_LOOK.includes(errnoOf(thrown) ?? '')) throw thrown;
    return null;
  });
}
