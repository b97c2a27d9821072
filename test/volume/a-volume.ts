import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Clock } from '../../src/computer/clock.ts';
import type { MountedVolume } from '../../src/protocol/sight.ts';
import type { DriveNote } from '../../src/volume/folders/drive.ts';
import { createDirectoryVolumes } from '../../src/volume/folders/volumes.ts';
import type { WriteOptions } from '../../src/volume/port.ts';
import type { Volumes } from '../../src/volume/volumes.ts';

/** A folder of its own for a test, removed when the test ends. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'spacepack-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A port over one volume `SP` with an empty folder SPACEPAK in it. */
export async function aVolume(clock?: Clock): Promise<{
  readonly root: string;
  readonly ours: string;
  readonly volumes: Volumes;
  readonly mounted: MountedVolume;
}> {
  const root = await temporaryFolder();
  const ours = join(root, 'SP', 'SPACEPAK');
  await mkdir(ours, { recursive: true });
  const volumes = createDirectoryVolumes(root, clock);
  onTestFinished(() => volumes.dispose());
  return { root, ours, volumes, mounted: await mountedOf(volumes) };
}

/** The first mounted volume of a port. */
export async function mountedOf(volumes: Volumes): Promise<MountedVolume> {
  for (const drive of await volumes.list()) {
    for (const volume of drive.volumes) {
      if (volume.mount !== null) return { drive, volume, mount: volume.mount };
    }
  }
  throw new Error('expected a mounted volume');
}

export const NOTE: DriveNote = {
  attachment: 'first',
  usb: { vendorId: 0x19e7, productId: 0x1111, bcdDevice: 0x0100, serial: 'SP0042', port: '1-2', revision: 'A102' },
  vendor: 'mophie',
  product: 'SpacePack',
  mediaName: 'mophie SpacePack',
  sizeBytes: 64 * 1024 * 1024,
  writeProtected: false,
  scheme: 'mbr',
  fileSystem: 'fat32',
  label: 'Untitled 1',
  freeBytes: 1_000_000,
};

/** Writes `.drives/NAME.json`. */
export async function writeNote(root: string, name: string, note: unknown): Promise<void> {
  await mkdir(join(root, '.drives'), { recursive: true });
  await writeFile(join(root, '.drives', `${name}.json`), typeof note === 'string' ? note : JSON.stringify(note));
}

/**
 * A clock that jumps to the next moment at which somebody wants to be woken, a moment of real time after nothing else happens.
 * Who wants to sleep for more than `longestMs` is never woken: time limits over real work, which is not done in no time.
 */
export function jumpingClock(longestMs: number = Number.POSITIVE_INFINITY): Clock {
  let now = 0;
  const sleepers = new Set<{ readonly due: number; readonly wake: () => void }>();
  let jumping = false;
  const jump = (): void => {
    const [next] = [...sleepers].sort((a, b) => a.due - b.due);
    jumping = next !== undefined;
    if (next === undefined) return;
    now = Math.max(now, next.due);
    next.wake();
    setTimeout(jump, 10);
  };
  return {
    now: () => now,
    gaps: () => 0,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        const sleeper = {
          due: now + ms,
          wake: () => {
            sleepers.delete(sleeper);
            signal?.removeEventListener('abort', sleeper.wake);
            resolve();
          },
        };
        if (ms <= longestMs) sleepers.add(sleeper);
        signal?.addEventListener('abort', sleeper.wake, { once: true });
        if (!jumping) setTimeout(jump, 10);
        jumping = true;
      }),
  };
}

export async function* pieces(...all: Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* all;
}

export const QUICK: WriteOptions = { syncBytes: 1024 * 1024, stallMs: 10_000 };
