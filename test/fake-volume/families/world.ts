import type { OpenRecord } from '../../../src/protocol/commitment.ts';
import { SpacepackError } from '../../../src/protocol/errors.ts';
import type { Drive, MountedVolume, UsbIdentity, Volume } from '../../../src/protocol/sight.ts';
import type { Environment, VolumePort } from '../../../src/volume/port.ts';
import { createVirtualClock, type VirtualClock } from '../memory/virtual-clock.ts';
import { aComputer } from './computer.ts';

/** A device of 512-byte sectors that makes up its FAT16 volume. */
export interface SectorDevice {
  readonly usb: UsbIdentity | null;
  readonly sectors: number;
  readonly hasTable: boolean;
  read(lba: number): Uint8Array;
  /** Takes a sector. `leavesInMs`: it resets then; 0: before the write is answered. `null`: it stays. */
  write(lba: number, sector: Uint8Array): { readonly leavesInMs: number | null };
  /** Power went, or it was reset. `true`: its drive is back at once. */
  restart(): boolean;
}

export interface SectorWorldOptions {
  readonly isReadOnly?: boolean;
  /** Of all sectors of files that the host writes, counted from 1: what happens to one. */
  readonly onSector?: (count: number) => 'lose' | 'unplug' | 'error' | 'kill' | null;
  /** No reading past the cache. */
  readonly isCached?: boolean;
}

export interface SectorWorld {
  readonly environment: Environment;
  readonly clock: VirtualClock;
  readonly records: ReadonlyMap<string, OpenRecord>;
  /** Sectors of files that the host has written. */
  readonly written: () => number;
  readonly isThere: () => boolean;
  /** A person plugs it in again. */
  plugIn(): void;
  unplug(): void;
}

const gone = (): SpacepackError => new SpacepackError('volume-gone', 'Expected the device, found it gone.');
const failed = (path: string): SpacepackError => new SpacepackError('volume-io', `writing ${path}: found EIO.`);
const DOES_NOT_END = new Promise<never>(() => {});

/** What a computer's FAT driver sees: entries of the root folder, whose files are contiguous. */
function fileOn(
  { read, hasTable }: SectorDevice,
  path: string,
): { readonly lba: number; readonly size: number } | null {
  const start = hasTable ? new DataView(read(0).buffer).getUint32(454, true) : 0;
  const boot = new DataView(read(start).buffer);
  const fats = (boot.getUint8(16) || 0) * boot.getUint16(22, true);
  const rootAt = start + boot.getUint16(14, true) + fats;
  const dataAt = rootAt + boot.getUint16(17, true) / 16;
  const [name = '', extension = ''] = path.toUpperCase().split('.');
  const wanted = name.padEnd(8) + extension.padEnd(3);
  const root = read(rootAt);
  for (let at = 0; at < 512; at += 32) {
    if (new TextDecoder().decode(root.subarray(at, at + 11)) !== wanted) continue;
    const view = new DataView(root.buffer, at);
    return { lba: dataAt + (view.getUint16(26, true) - 2) * boot.getUint8(13), size: view.getUint32(28, true) };
  }
  return null;
}

/** A computer with one such device. What the host writes arrives sector by sector, then a sector of the folder. */
export function createSectorWorld(device: SectorDevice, options: SectorWorldOptions = {}): SectorWorld {
  const { isReadOnly = false, onSector = () => null, isCached = false } = options;
  const clock = createVirtualClock();
  const records = new Map<string, OpenRecord>();
  /** What the cache of this computer keeps of files that the device has forgotten. */
  const cached = new Map<string, Uint8Array>();
  let [attachments, mounts, changes, isThere, isMounted, count] = [1, 1, 0, true, true, 0];

  function leave(): void {
    isThere = false;
    isMounted = false;
    changes += 1;
    cached.clear();
    if (device.restart()) arrive();
  }
  function arrive(): void {
    attachments += 1;
    mounts += 1;
    changes += 1;
    [isThere, isMounted] = [true, true];
  }
  function leaveLater(ms: number): void {
    const of = attachments;
    clock.later(ms, () => {
      if (isThere && attachments === of) leave();
    });
  }
  const drive = (): Drive => {
    const mount = isMounted ? { path: '/media/BOARD', id: `${mounts}`, readOnly: isReadOnly } : null;
    const volume: Volume = { id: 'sdb1', label: 'BOARD', fileSystem: 'fat16', sizeBytes: device.sectors * 512, mount };
    return {
      id: '/dev/sdb',
      attachment: `${attachments}`,
      usb: device.usb,
      vendor: null,
      product: null,
      mediaName: 'Board',
      sizeBytes: device.sectors * 512,
      writeProtected: isReadOnly,
      scheme: device.hasTable ? 'mbr' : 'none',
      volumes: [volume],
    };
  };
  function present({ drive: { attachment }, mount }: MountedVolume): void {
    if (!isThere || attachment !== `${attachments}` || !isMounted || mount.id !== `${mounts}`) throw gone();
  }
  function contentOf(path: string): Uint8Array | null {
    const kept = cached.get(path);
    if (kept !== undefined) return kept;
    const file = fileOn(device, path);
    if (file === null) return null;
    const bytes = new Uint8Array(Math.ceil(file.size / 512) * 512);
    for (let at = 0; at < bytes.length; at += 512) bytes.set(device.read(file.lba + at / 512), at);
    return bytes.subarray(0, file.size);
  }
  async function put(path: string, sector: Uint8Array): Promise<void> {
    count += 1;
    const event = onSector(count);
    if (event === 'kill') return DOES_NOT_END;
    if (event === 'unplug') leave();
    if (!isThere) throw gone();
    if (event === 'error') throw failed(path);
    if (event === 'lose') return;
    const { leavesInMs } = device.write(8_000 + count, sector);
    if (leavesInMs === 0) {
      leave();
      throw failed(path);
    }
    if (leavesInMs !== null) leaveLater(leavesInMs);
  }
  const volumes: VolumePort = {
    list: async () => (isThere ? [drive()] : []),
    changeCount: () => changes,
    changed: (_since, ms, signal) => clock.sleep(Math.min(ms, 100), signal),
    async mount() {
      if (!isThere) throw gone();
      mounts += 1;
      isMounted = true;
      cached.clear();
    },
    async release(volume) {
      present(volume);
      isMounted = false;
      cached.clear();
      return [volume.mount.path];
    },
    hold: async () => async () => {},
    checkCommand: () => 'Check it.',
    async entries(volume) {
      present(volume);
      return [...cached].map(([name, { length }]) => ({ name, kind: 'file', sizeBytes: length }));
    },
    async read(volume, path, limitBytes) {
      present(volume);
      return contentOf(path)?.slice(0, limitBytes) ?? null;
    },
    async write(volume, path, data) {
      present(volume);
      if (cached.has(path)) {
        throw new SpacepackError('volume-foreign', `writing ${path}: found an entry of this name.`, { noEffect: true });
      }
      const parts: Uint8Array[] = [];
      for await (const part of data) parts.push(part.slice());
      const bytes = new Uint8Array(Buffer.concat(parts));
      cached.set(path, bytes);
      for (let at = 0; at < bytes.length; at += 512) {
        const sector = new Uint8Array(512);
        sector.set(bytes.subarray(at, at + 512));
        await put(path, sector);
      }
      device.write(1, new Uint8Array(512));
      return bytes.length;
    },
    async readBack() {
      throw new TypeError('nothing is staged');
    },
    async readPart(volume, path, { offset, lengthBytes }) {
      present(volume);
      const bytes = contentOf(path)?.slice(offset, offset + lengthBytes) ?? null;
      return { kind: isCached ? 'cached' : 'direct', bytes, volume };
    },
    async remove(volume, path) {
      present(volume);
      cached.delete(path);
    },
    freeBytes: async () => 4_000_000,
  };
  const environment = aComputer({ volumes, clock }, records, (bytes) =>
    new Uint8Array(bytes).map((_, index) => (count * 7 + attachments + index) & 0xff),
  );
  return {
    environment,
    clock,
    records,
    written: () => count,
    isThere: () => isThere,
    plugIn: () => (isThere ? undefined : arrive()),
    unplug: leave,
  };
}
