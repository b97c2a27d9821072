import { join } from 'node:path';
import type { Guest } from './machine/guest.ts';
import { type Cable, type CableEnd, layCable } from './redirect/cable.ts';

/** A port of the guest with a cable in it. */
export interface Port {
  readonly cable: Cable;
  /** Takes the port away, and what is plugged into it. */
  close(): Promise<void>;
}

export interface PortOptions {
  /** A name of its own. */
  readonly id: string;
  readonly end: CableEnd;
  /** As QEMU numbers them; default: any that is free. */
  readonly port?: string | undefined;
}

/** Lays a cable to a port of the guest. Nothing is plugged in yet. */
export async function openPort(guest: Guest, { id, end, port }: PortOptions): Promise<Port> {
  const cable = await layCable(join(guest.emulator.folder, id), end);
  await guest.emulator.command('chardev-add', {
    id: `${id}-cable`,
    backend: { type: 'socket', data: { addr: { type: 'unix', data: { path: cable.path } }, server: false } },
  });
  await guest.emulator.command('device_add', {
    driver: 'usb-redir',
    id,
    bus: 'usb.0',
    chardev: `${id}-cable`,
    ...(port === undefined ? {} : { port }),
  });
  return {
    cable,
    async close() {
      await guest.emulator.command('device_del', { id });
      cable.close();
    },
  };
}
