import { LAYOUT, SECTOR } from '../../fake-volume/families/daplink/disk.ts';
import { createProbe, type Probe } from '../../fake-volume/families/daplink/probe.ts';
import type { Actor } from '../../fake-volume/memory/virtual-clock.ts';
import type { DiskFirmware, DiskGround } from '../disk.ts';
import { madeUp } from './sectors.ts';

export interface ProbeFirmware extends DiskFirmware {
  readonly probe: Probe;
}

/** A debug probe with DAPLink. It stays on the bus; its medium goes and comes. */
export function probeFirmware(ground: DiskGround): ProbeFirmware {
  const uniqueId = '0240000034544e45001a00018aa900292011000097969900';
  const actors: Actor[] = [];
  let planned = 0;
  const plan = (): void => {
    const due = Math.min(...actors.map((actor) => actor.nextWakeMs() ?? Number.POSITIVE_INFINITY));
    if (due === Number.POSITIVE_INFINITY) return;
    // What is due may come sooner than it was planned.
    planned += 1;
    const mine = planned;
    ground.later(Math.max(1, due - ground.now()), () => {
      if (mine !== planned) return;
      for (const actor of actors) actor.run();
      plan();
    });
  };
  const clock = { now: ground.now, add: (actor: Actor) => void actors.push(actor) };
  const settings = { uniqueId, make: 'arm', mode: 'Interface', details: null, automation: false } as const;
  const probe = createProbe(clock, settings, () => undefined);
  return {
    probe,
    usb: {
      vendorId: 0x0d28,
      productId: 0x0204,
      bcdDevice: 0x0100,
      manufacturer: 'Arm',
      product: 'DAPLink CMSIS-DAP',
      serial: uniqueId,
      speed: 'full',
    },
    vendor: undefined,
    inquiry: { vendor: 'MBED', product: 'VFS', revision: '0.1' },
    sectors: madeUp(
      LAYOUT.total,
      (sector) => probe.disk?.read(sector) ?? new Uint8Array(SECTOR),
      (sector, bytes) => {
        probe.write(sector, bytes);
        plan();
      },
    ),
    isOnBus: () => true,
    hasMedium: () => probe.disk !== null,
    powerUp: () => probe.restart(),
  };
}
