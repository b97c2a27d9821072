import { describe, expect, test } from 'vitest';
import type { Environment } from '../../../src/volume/port.ts';
import { playPing, playUpdate } from '../../engine/play.ts';
import { buildPayload, createMemoryWorld, type MemoryWorld } from '../../fake-volume/index.ts';
import { ran } from '../a-computer.ts';
import { aMac, IOREG, IOREG_10_10, IOREG_10_12 } from './a-mac.ts';

/** A world whose drives are told as a Mac tells the SpacePack in what ioreg printed, SP0042. */
async function toldByAMac(world: MemoryWorld, ioreg: string): Promise<Environment> {
  const mac = await aMac();
  mac.ioreg = () => ran(ioreg);
  const [told] = await mac.volumes.list();
  if (told === undefined) throw new Error('expected a drive');
  const { usb, vendor, product } = told;
  const { environment } = world;
  // What runs is the world's own.
  const list = async () =>
    (await environment.volumes.list()).map((drive) => {
      const revision = drive.usb?.revision ?? null;
      return { ...drive, usb: usb && { ...usb, revision }, vendor, product };
    });
  return { ...environment, volumes: { ...environment.volumes, list } };
}

describe.each([
  ['26', IOREG],
  ['10.12', IOREG_10_12],
  ['10.10', IOREG_10_10],
])("a card with another device's INFO.TXT, on macOS %s", (_, ioreg) => {
  const another = { devices: [{ settings: { serial: 'SP0041' } }] };

  test('is refused before anything is written to it', async () => {
    const world = createMemoryWorld(another);
    const { outcome } = await playUpdate(await toldByAMac(world, ioreg), buildPayload());
    expect(outcome).toMatchObject({ verdict: 'refused', code: 'info-serial' });
    expect(world.operations.filter(({ verb }) => verb === 'create' || verb === 'remove')).toEqual([]);
  });

  test('is refused for a ping as well', async () => {
    const { outcome } = await playPing(await toldByAMac(createMemoryWorld(another), ioreg));
    expect(outcome).toMatchObject({ verdict: 'refused', code: 'info-serial' });
  });

  test('while its own is answered', async () => {
    const world = createMemoryWorld({ devices: [{ settings: { serial: 'SP0042' } }] });
    const { outcome } = await playPing(await toldByAMac(world, ioreg));
    expect(outcome).toMatchObject({ code: 'ping-answered' });
  });
});
