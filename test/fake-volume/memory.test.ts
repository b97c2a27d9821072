import { expect, test } from 'vitest';
import type { MountedVolume } from '../../src/protocol/sight.ts';
import { changedFiles } from './card-content.ts';
import { readText } from './grammar.ts';
import { buildPayload } from './image-build.ts';
import { createMemoryWorld, type MemoryWorld } from './memory.ts';
import { buildInstallTrigger } from './trigger-build.ts';

async function mounted(world: MemoryWorld): Promise<MountedVolume> {
  for (;;) {
    const [drive] = await world.environment.volumes.list();
    const [volume] = drive?.volumes ?? [];
    if (drive !== undefined && volume?.mount != null) return { drive, volume, mount: volume.mount };
    await world.clock.sleep(200);
  }
}

async function fields(world: MemoryWorld, volume: MountedVolume, name: string): Promise<ReadonlyMap<string, string>> {
  const bytes = await world.environment.volumes.read(volume, `SPACEPAK/${name}`, 4097);
  const text = readText(bytes ?? new Uint8Array(), 4096);
  return text.kind === 'intact' ? text.fields : new Map();
}

async function* chunks(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 4096) yield bytes.subarray(at, at + 4096);
}

test('a device that is given an image applies it and comes back with it', async () => {
  const world = createMemoryWorld();
  const { volumes } = world.environment;
  const [device] = world.devices;
  if (device === undefined) throw new Error('the world has no device');
  const before = device.userFiles();
  const volume = await mounted(world);
  const info = await fields(world, volume, 'INFO.TXT');
  const payload = buildPayload();
  const trigger = buildInstallTrigger(
    {
      nonce: 'ab'.repeat(16),
      serial: info.get('serial') ?? '',
      bootCount: Number(info.get('boot-count')),
      session: info.get('session') ?? '',
    },
    payload,
  );
  const options = { syncBytes: 16_384, stallMs: 60_000 };
  await volumes.write(volume, 'SPACEPAK/UPDATE.BIN', chunks(payload), options);
  await volumes.write(volume, 'SPACEPAK/UPDATE.TRG', chunks(trigger), options);
  await volumes.release(volume);
  while ((await volumes.list()).length > 0) await world.clock.sleep(100);
  const again = await mounted(world);
  const status = await fields(world, again, 'STATUS.TXT');
  expect(status.get('state')).toBe('applied');
  expect(status.get('nonce')).toBe('ab'.repeat(16));
  expect((await fields(world, again, 'INFO.TXT')).get('version')).toBe('2.0.0+0');
  expect((await volumes.entries(again, 'SPACEPAK'))?.map(({ name }) => name).sort()).toEqual([
    'INFO.TXT',
    'STATUS.TXT',
  ]);
  expect(changedFiles(before, device.userFiles())).toEqual([]);
});
