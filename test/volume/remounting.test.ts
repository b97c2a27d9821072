import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../src/computer/clock.ts';
import { SpacepackError } from '../../src/protocol/errors.ts';
import type { MountedVolume } from '../../src/protocol/sight.ts';
import { createFileVerbs } from '../../src/volume/files.ts';
import type { Platform } from '../../src/volume/platform.ts';
import type { ReadBack } from '../../src/volume/port.ts';
import { aVolume, temporaryFolder } from './a-volume.ts';

const BUSY = new SpacepackError('volume-busy', 'held');

/** Reads back where the system's way is to mount anew. */
async function readBack(
  remount: (mounted: MountedVolume) => Promise<MountedVolume>,
  holds: () => boolean = () => true,
): Promise<{ readonly answer: ReadBack | unknown; readonly before: MountedVolume; readonly text: string }> {
  const { mounted, ours } = await aVolume();
  writeFileSync(join(ours, 'UPDATE.BIN'), 'as the cache has it');
  const never = (): never => {
    throw new Error('not asked here');
  };
  const platform: Platform = {
    list: never,
    mount: never,
    release: never,
    look: never,
    watched: never,
    holds: async () => holds(),
    remount,
  };
  const system = { platform: 'darwin', env: {}, uid: 501, program: 'node' } as const;
  const verbs = createFileVerbs({ platform, clock: systemClock, system });
  const answer: unknown = await verbs.readBack(mounted, 'SPACEPAK/UPDATE.BIN').catch((thrown: unknown) => thrown);
  return { answer, before: mounted, text: 'as the cache has it' };
}

describe('reading back from a new mount', () => {
  test('reads what the new mount shows, and hands the new mount on', async () => {
    const fresh = await temporaryFolder();
    mkdirSync(join(fresh, 'SPACEPAK'));
    writeFileSync(join(fresh, 'SPACEPAK', 'UPDATE.BIN'), 'as the card has it');
    const { answer } = await readBack(async (mounted) => ({
      ...mounted,
      mount: { path: fresh, id: 'fresh', readOnly: false },
    }));
    expect(answer).toMatchObject({ kind: 'remounted', sizeBytes: 18, volume: { mount: { id: 'fresh' } } });
  });

  test('where somebody holds the volume, reads as it is and says so', async () => {
    const { answer, before } = await readBack(() => Promise.reject(BUSY));
    expect(answer).toMatchObject({ sizeBytes: 19, volume: before });
    expect(answer).not.toMatchObject({ kind: 'remounted' });
  });

  test('where the volume does not come back, says why', async () => {
    const lost = new SpacepackError('volume-not-mounted', 'lost');
    const { answer } = await readBack(
      () => Promise.reject(lost),
      () => false,
    );
    expect(answer).toBe(lost);
  });
});
