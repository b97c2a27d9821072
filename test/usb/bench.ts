import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { changedFiles } from '../fake-volume/cards/content.ts';
import { fatCard } from '../fake-volume/cards/fat/card.ts';
import { buildPayload, type ImageOptions, testKeyPair } from '../fake-volume/spacepack/image/build.ts';
import { cardOfUser } from './cards.ts';
import { fsckFindings } from './fsck.ts';
import { type GuestProcess, type GuestRun, HANG_MS, type RunOptions } from './machine/agent.ts';
import { bootGuest, type Guest, pause } from './machine/guest.ts';
import { installProduct } from './product.ts';
import { createStick, type Stick, type StickOptions } from './stick.ts';

/** How a run of the command line ended, as its last line of JSON tells it. */
export interface Told extends GuestRun {
  readonly code: string | undefined;
  readonly message: string | undefined;
  readonly remedy: string | undefined;
  /** All lines of JSON. */
  readonly lines: readonly Readonly<Record<string, unknown>>[];
}

/** Who mounts what is plugged in: udisks2 as on a desktop, mount(8) as root with such options, or nobody. */
export type Automount = 'udisks' | { readonly options: string } | 'nobody';

/** A guest with spacepack, images for it, and sticks. */
export interface Bench {
  readonly guest: Guest;
  automount(manner: Automount): Promise<void>;
  /** Lays a cable to a new stick; by default with a user's FAT32 card. */
  stick(options?: Partial<StickOptions>): Promise<Stick>;
  /**
   * Plugs it in and waits until the guest has mounted it, its own mark on the card included, or, without an automounter, knows
   * its file system: whatever is written from then on is not the mount's.
   */
  plug(stick: Stick): Promise<void>;
  /** Waits until the guest has mounted the device with that serial number, or, without an automounter, knows its file system. */
  untilUp(serial: string): Promise<void>;
  /** Waits until the guest has noticed that no stick is plugged in any more. */
  untilGone(): Promise<void>;
  /** Unmounts what is mounted, as the desktop's "eject" would, so that cards can be looked at; nothing is mounted after that. */
  unmountAll(): Promise<void>;
  /** Writes an image where the guest sees it; the path there. */
  payload(name: string, options?: ImageOptions): string;
  /** Runs `spacepack … --json` to its end; as the user of the desktop unless said otherwise. */
  spacepack(args: string, options?: RunOptions): Promise<Told>;
  startSpacepack(args: string, options?: RunOptions): GuestProcess;
  /** What the kernel has complained of since the last call, but for what only a busy machine makes it say. */
  kernelComplaints(): Promise<readonly string[]>;
  /** Takes all sticks away and waits until the guest has noticed. */
  clear(): Promise<void>;
  close(): Promise<void>;
}

/** Prints the partitions that are mounted, dead ones included. */
const MOUNTED_DISKS = "grep -o '^/dev/sd[^ ]*' /proc/mounts | sort -u";

/** The key that the device trusts, where the guest sees it. */
export const KEY = '/host/maker.pem';

export async function openBench(productFolder: string, variant: 'plain' | 'native' = 'plain'): Promise<Bench> {
  const guest = await bootGuest();
  await installProduct(guest, productFolder, variant);
  writeFileSync(join(guest.emulator.shared, 'maker.pem'), testKeyPair().publicKey);
  const sticks = new Set<Stick>();
  let automounter: GuestProcess | null = null;
  let heard = '';
  let manner: Automount = 'nobody';

  const stopAutomounter = async () => {
    automounter?.signal('SIGKILL');
    await automounter?.ended;
    automounter = null;
  };
  /** Waits until the automounter has mounted, or given up, what has appeared up to now: it might do so after a look. */
  const untilIdle = async () => {
    if (automounter === null) return;
    heard = '';
    await guest.ask('udevadm settle && udevadm trigger --action=change --sysname-match=vda');
    await until(() => heard.includes('idle'));
  };
  const untilGone = async () => {
    await guest.ask(`while ls /dev/sd* >/dev/null 2>&1; do sleep 0.1; done`);
  };
  const untilUp = async (serial: string) => {
    const found = `for path in /sys/bus/usb/devices/*/serial; do [ "$(cat $path)" = ${serial} ] && echo $path; done`;
    const disk = `ls -d $(dirname $(${found}))/*/host*/target*/*/block/* | xargs -n 1 basename`;
    const isUp = manner === 'nobody' ? 'lsblk -no FSTYPE /dev/$disk | grep -q .' : 'grep -q "^/dev/$disk" /proc/mounts';
    await guest.ask(`until disk=$(${disk}) && ${isUp}; do sleep 0.1; done 2>/dev/null`);
  };
  const startSpacepack = (args: string, options: RunOptions = {}) =>
    guest.start(`spacepack ${args} --json`, { user: 'user', ...options });
  return {
    guest,
    async automount(next) {
      await stopAutomounter();
      manner = next;
      if (next === 'nobody') return;
      const how = next === 'udisks' ? 'udisks' : `mount '${next.options}'`;
      heard = '';
      const onOutput = (text: string) => {
        heard += text;
      };
      automounter = guest.start(`/opt/bench/automount ${how}`, { limitMs: 24 * 3_600_000, onOutput });
      await until(() => heard.includes('listening'));
    },
    async stick(options = {}) {
      const stick = await createStick(guest, { image: cardOfUser(), ...options });
      sticks.add(stick);
      return stick;
    },
    async plug(stick) {
      stick.plug();
      await untilUp(stick.serial);
      if (manner !== 'nobody' && !stick.writeProtected) await until(() => isMarked(stick));
    },
    untilUp,
    untilGone,
    async unmountAll() {
      await untilIdle();
      // Whoever holds it, udev for instance, lets go.
      const unmount = 'udisksctl unmount --no-user-interaction -b $disk 2>/dev/null || umount $disk';
      await guest.ask(`for disk in $(${MOUNTED_DISKS}); do until ${unmount}; do sleep 0.1; done; done`);
    },
    payload(name, options) {
      writeFileSync(join(guest.emulator.shared, name), buildPayload(options));
      return `/host/${name}`;
    },
    startSpacepack,
    spacepack: async (args, options) => told(await startSpacepack(args, options).ended),
    async kernelComplaints() {
      const lines = (await guest.ask('dmesg --notime; dmesg --clear')).split('\n');
      // udev reads what is there for as long as it takes, whether the device is still there or not.
      const isOfLoad = (line: string) => /soft lockup|async page read|op 0x0:\(READ\)/.test(line);
      return lines.filter((line) => /I\/O error|FAT-fs|EXT4|BUG|WARNING/.test(line) && !isOfLoad(line));
    },
    async clear() {
      await Promise.all([...sticks].map((stick) => stick.dispose()));
      sticks.clear();
      await untilGone();
      await guest.run('umount --lazy --all-targets /media/user/* ; dmesg --clear');
    },
    async close() {
      await stopAutomounter();
      for (const stick of sticks) await stick.dispose();
      await guest.stop();
    },
  };
}

function told(run: GuestRun): Told {
  const lines = run.stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
  const text = (key: string) => {
    const value = lines.at(-1)?.[key];
    return typeof value === 'string' ? value : undefined;
  };
  return { ...run, lines, code: text('code'), message: text('message'), remedy: text('remedy') };
}

/** Where the host has written, by first sector, since the events were cleared. */
export function writesTo({ events }: Stick): readonly number[] {
  return events.flatMap((event) => (event.kind === 'write' ? [event.first] : []));
}

/** What must be true of a card after everything, by name; empty if it all is. The volume must not be mounted. */
export function damageTo(stick: Stick, before: ReadonlyMap<string, Uint8Array>): readonly string[] {
  return [
    ...changedFiles(before, stick.userFiles()).map((path) => `user's file: ${path}`),
    ...fsckFindings(stick.image),
  ];
}

/** Resolves when `isTrue` says so; rejects when no machine could be so slow that it still will. */
export async function until(isTrue: () => boolean): Promise<void> {
  const end = performance.now() + HANG_MS;
  while (!isTrue()) {
    if (performance.now() > end) throw new Error(`Expected it within ${HANG_MS} ms: ${isTrue}`);
    await pause(20);
  }
}

/** Whether the mount that is on the card has left its mark there, or cannot: an unclean one is never marked anew. */
function isMarked({ sectors }: Stick): boolean {
  return fatCard(sectors)?.dirty() !== false;
}
