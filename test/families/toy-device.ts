import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { OpenRecord } from '../../src/protocol/commitment.ts';
import { SpacepackError } from '../../src/protocol/errors.ts';
import type { Drive, MountedVolume, Volume } from '../../src/protocol/sight.ts';
import type { Environment, VolumePort } from '../../src/volume/port.ts';
import { aComputer } from '../fake-volume/families/computer.ts';
import { createVirtualClock } from '../fake-volume/memory/virtual-clock.ts';

export interface ToyWorld {
  readonly environment: Environment;
  /** What runs; `null`: nothing has been installed. */
  readonly runs: () => Uint8Array | null;
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly records: ReadonlyMap<string, OpenRecord>;
}

const usb = { vendorId: 0x1209, productId: 0x7019, bcdDevice: 0x0100, serial: 'T1', port: '1-1', revision: null };
const names = { vendor: 'ACME', product: 'Toy', mediaName: 'ACME Toy' };
const QUIET_MS = 500;

/** A toy on a computer of its own. It takes what begins with `TOY1`, and for as long as `awayMs` it is away to install that. */
export function createToyWorld(awayMs = 2_000): ToyWorld {
  const clock = createVirtualClock();
  const files = new Map<string, Uint8Array>([['KEEP.ME', Buffer.from("the user's")]]);
  const records = new Map<string, OpenRecord>();
  let [starts, mounts, changes, isThere] = [0, 1, 0, false];

  function start(): void {
    starts += 1;
    const done = files.get('TOY/DONE.BIN');
    const runs = done === undefined ? 'none' : crc32(done).toString(16).padStart(8, '0');
    files.set('TOY/ME.TXT', Buffer.from(`T1 ${starts} ${runs}\n`));
    isThere = true;
    mounts += 1;
    changes += 1;
  }
  function leaveIfAsked(): void {
    const payload = files.get('TOY/NEW.BIN');
    if (payload === undefined || !isThere) return;
    isThere = false;
    changes += 1;
    clock.later(awayMs, () => {
      const isGood = Buffer.from(payload).toString().startsWith('TOY1') && !payload.includes(0xff);
      files.delete('TOY/BAD.BIN');
      files.delete('TOY/NEW.BIN');
      files.set(isGood ? 'TOY/DONE.BIN' : 'TOY/BAD.BIN', payload);
      start();
    });
  }
  const drive = (): Drive => {
    const mount = mounts === 0 ? null : { path: '/media/TOY', id: `${mounts}`, readOnly: false };
    const volume: Volume = { id: 'sdt1', label: 'TOY', fileSystem: 'fat16', sizeBytes: 1e6, mount };
    return {
      id: '/dev/sdt',
      attachment: `${starts}`,
      usb,
      ...names,
      sizeBytes: 1e6,
      writeProtected: false,
      scheme: 'none',
      volumes: [volume],
    };
  };
  function present({ drive: { attachment } }: Pick<MountedVolume, 'drive'>): void {
    if (!isThere || attachment !== `${starts}`)
      throw new SpacepackError('volume-gone', 'Expected the toy, found it gone.');
  }
  const volumes: VolumePort = {
    list: async () => (isThere ? [drive()] : []),
    changeCount: () => changes,
    changed: (_since, ms, signal) => clock.sleep(Math.min(ms, 100), signal),
    async mount() {
      mounts = 100 + changes;
    },
    async release(volume) {
      present(volume);
      mounts = 0;
      clock.later(QUIET_MS, leaveIfAsked);
      return [volume.mount.path];
    },
    hold: async () => async () => {},
    checkCommand: () => 'Check the toy.',
    async entries(volume, folder) {
      present(volume);
      const own = [...files].filter(([path]) => path.startsWith(`${folder}/`));
      return own.map(([path, { length }]) => ({
        name: path.slice(folder.length + 1),
        kind: 'file',
        sizeBytes: length,
      }));
    },
    async read(volume, path, limitBytes) {
      present(volume);
      return files.get(path)?.subarray(0, limitBytes) ?? null;
    },
    async write(volume, path, data) {
      present(volume);
      const parts: Uint8Array[] = [];
      for await (const part of data) parts.push(part.slice());
      files.set(path, Buffer.concat(parts));
      return files.get(path)?.length ?? 0;
    },
    async readBack(volume, path) {
      const bytes = files.get(path) ?? new Uint8Array();
      return {
        kind: 'direct',
        sha256: createHash('sha256').update(bytes).digest('hex'),
        sizeBytes: bytes.length,
        volume,
      };
    },
    async readPart(volume, path, { offset, lengthBytes }) {
      return { kind: 'direct', bytes: files.get(path)?.slice(offset, offset + lengthBytes) ?? null, volume };
    },
    async remove(volume, path) {
      present(volume);
      files.delete(path);
    },
    freeBytes: async () => 1e6,
  };
  start();
  const environment = aComputer({ volumes, clock }, records, (bytes) => new Uint8Array(bytes).fill(starts));
  return { environment, files, records, runs: () => files.get('TOY/DONE.BIN') ?? null };
}
