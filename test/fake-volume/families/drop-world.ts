import { createHash } from 'node:crypto';
import type { OpenRecord } from '../../../src/protocol/commitment.ts';
import { SpacepackError } from '../../../src/protocol/errors.ts';
import type { Drive, MountedVolume, Volume } from '../../../src/protocol/sight.ts';
import type { Environment, VolumePort, WriteOptions } from '../../../src/volume/port.ts';
import { createVirtualClock } from '../memory/virtual-clock.ts';

/** What a device does once the computer lets go of its volume. */
export interface Reaction {
  /** It swaps its medium while it stays attached; else it leaves. */
  readonly isInPlace: boolean;
  /** How long it is away, in ms; `null`: for good. */
  readonly awayMs: number | null;
  /** What it has done by the time it is back. */
  work(): void;
}

/** A device that keeps files and looks at them when it is let go of. */
export interface DropDevice {
  readonly usb: { readonly vendorId: number; readonly productId: number; readonly serial: string | null };
  readonly vendor: string;
  readonly product: string;
  /** By path, as it writes them itself. */
  readonly files: Map<string, Uint8Array>;
  /** `null`: nothing there concerns it. */
  react(): Reaction | null;
  /** The firmware in its flash memory; `null`: none that is whole. */
  runs(): Uint8Array | null;
  /** A piece of a file reaches it: only what takes it as it comes needs this. */
  onWrite?(path: string, offset: number, bytes: Uint8Array): void;
}

export interface DropWorldOptions {
  /** The cable is pulled once so many bytes of a file have been written, and plugged in again a moment later. */
  readonly cutAfterBytes?: number;
  /** The computer dies once so many bytes of a file have been written. */
  readonly killedAfterBytes?: number;
}

export interface DropWorld {
  readonly environment: Environment;
  readonly device: DropDevice;
  readonly records: Map<string, OpenRecord>;
  /** From now on no cable is pulled and no computer dies. */
  calm(): void;
  /** A person does what a device that stayed or left waits for: it is taken away and comes back. */
  replug(): void;
}

/** How long the volume has been quiet before a device acts, in ms. */
const QUIET_MS = 500;
const REPLUG_MS = 3_000;
const SYNC_BYTES = 512;

/** A device on a computer of its own, in virtual time. A mount shows the files as they were when it was made. */
export function createDropWorld(device: DropDevice, options: DropWorldOptions = {}): DropWorld {
  const clock = createVirtualClock();
  const records = new Map<string, OpenRecord>();
  let faults = options;
  let [isDead, isAtWork] = [false, false];
  let [attachment, mount, changes, isThere] = [1, 1, 0, true];
  let view = new Map(device.files);

  /** A computer that died does nothing more. */
  function alive(): void {
    if (isDead) throw new Error('killed');
  }
  function change(): void {
    changes += 1;
  }
  function mountNow(): void {
    mount = changes + 1_000 * attachment + 1;
    view = new Map(device.files);
    change();
  }
  function comeBack(work: () => void): void {
    work();
    attachment += 1;
    isThere = true;
    mountNow();
  }
  function leave(awayMs: number | null, work: () => void): void {
    isThere = false;
    mount = 0;
    change();
    if (awayMs !== null) clock.later(awayMs, () => comeBack(work));
  }
  function act(): void {
    if (!isThere || mount !== 0 || isAtWork) return;
    const reaction = device.react();
    if (reaction === null) return;
    if (reaction.isInPlace) {
      // It is at work on this very file until then.
      isAtWork = true;
      clock.later(reaction.awayMs ?? 0, () => {
        isAtWork = false;
        reaction.work();
      });
    } else leave(reaction.awayMs, reaction.work);
  }

  const drive = (): Drive => {
    const mounted = mount === 0 ? null : { path: '/media/DEVICE', id: `${mount}`, readOnly: false };
    const volume: Volume = { id: 'sdf1', label: 'DEVICE', fileSystem: 'fat16', sizeBytes: 1e7, mount: mounted };
    return {
      id: '/dev/sdf',
      attachment: `${attachment}`,
      usb: { ...device.usb, bcdDevice: 0x0100, port: '1-1', revision: null },
      vendor: device.vendor,
      product: device.product,
      mediaName: `${device.vendor} ${device.product}`,
      sizeBytes: 1e7,
      writeProtected: false,
      scheme: 'none',
      volumes: [volume],
    };
  };
  function present(volume: MountedVolume): void {
    alive();
    const isSame = isThere && volume.drive.attachment === `${attachment}` && volume.mount.id === `${mount}`;
    if (!isSame) throw new SpacepackError('volume-gone', 'Expected the device, found it gone.');
  }
  function put(path: string, offset: number, bytes: Uint8Array): void {
    const old = device.files.get(path) ?? new Uint8Array();
    const whole = new Uint8Array(Math.max(old.length, offset + bytes.length));
    whole.set(old);
    whole.set(bytes, offset);
    device.files.set(path, whole);
    view.set(path, whole);
    device.onWrite?.(path, offset, bytes);
  }
  async function write(volume: MountedVolume, path: string, data: AsyncIterable<Uint8Array>, how: WriteOptions) {
    present(volume);
    if (view.has(path) !== (how.isOver ?? false)) {
      throw new SpacepackError('volume-foreign', `Expected no ${path}, found one.`, { noEffect: true });
    }
    if (!how.isOver) put(path, 0, new Uint8Array());
    let done = 0;
    for await (const piece of data) {
      for (let from = 0; from < piece.length; from += SYNC_BYTES) {
        isDead = faults.killedAfterBytes !== undefined && done >= faults.killedAfterBytes;
        alive();
        if (faults.cutAfterBytes !== undefined && done >= faults.cutAfterBytes) {
          leave(REPLUG_MS, () => {});
          throw new SpacepackError('volume-gone', 'Expected to write, found the drive gone.');
        }
        const part = piece.slice(from, from + SYNC_BYTES);
        put(path, done, part);
        done += part.length;
      }
    }
    return done;
  }
  const volumes: VolumePort = {
    async list() {
      alive();
      return isThere ? [drive()] : [];
    },
    changeCount: () => changes,
    changed: (_since, ms, signal) => clock.sleep(Math.min(ms, 200), signal),
    async mount() {
      alive();
      mountNow();
    },
    async release(volume) {
      present(volume);
      mount = 0;
      change();
      clock.later(QUIET_MS, act);
      return [volume.mount.path];
    },
    hold: async () => async () => {},
    checkCommand: () => 'Check the device.',
    async entries(volume, folder) {
      present(volume);
      const start = folder === '' ? '' : `${folder}/`;
      const inside = [...view].filter(([path]) => path.startsWith(start) && !path.slice(start.length).includes('/'));
      return inside.map(([path, { length }]) => ({ name: path.slice(start.length), kind: 'file', sizeBytes: length }));
    },
    async read(volume, path, limitBytes) {
      present(volume);
      return view.get(path)?.subarray(0, limitBytes) ?? null;
    },
    write,
    async readBack(volume, path) {
      const bytes = view.get(path) ?? new Uint8Array();
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      return { kind: 'direct', sha256, sizeBytes: bytes.length, volume };
    },
    async readPart(volume, path, { offset, lengthBytes }) {
      return { kind: 'direct', bytes: view.get(path)?.slice(offset, offset + lengthBytes) ?? null, volume };
    },
    async remove(volume, path) {
      present(volume);
      device.files.delete(path);
      view.delete(path);
    },
    freeBytes: async () => 1e7,
  };
  let drawn = 0;
  const environment: Environment = {
    volumes,
    clock,
    records: {
      list: async () => [...records.values()],
      prepare: async () => {},
      async save(record) {
        alive();
        records.set(record.nonce, JSON.parse(JSON.stringify(record)));
      },
      async close(nonce) {
        alive();
        records.delete(nonce);
      },
    },
    locks: { acquire: async () => async () => {} },
    random: (bytes) => {
      drawn += 1;
      return new Uint8Array(bytes).fill(drawn);
    },
    date: () => new Date(0),
  };
  return {
    environment,
    device,
    records,
    calm() {
      faults = {};
      isDead = false;
    },
    replug() {
      const reaction = device.react();
      leave(REPLUG_MS, reaction?.work ?? (() => {}));
      clock.pass(REPLUG_MS);
    },
  };
}
