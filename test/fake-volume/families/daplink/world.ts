import type { OpenRecord } from '../../../../src/protocol/commitment.ts';
import { SpacepackError } from '../../../../src/protocol/errors.ts';
import type { Drive, MountedVolume, Volume } from '../../../../src/protocol/sight.ts';
import type { Environment, VolumePort } from '../../../../src/volume/port.ts';
import { createVirtualClock, type VirtualClock } from '../../memory/virtual-clock.ts';
import { aComputer } from '../computer.ts';
import { type HostMount, mountOf, type SectorWrite } from './mount.ts';
import { createProbe, type Probe, type ProbeMake } from './probe.ts';

export interface ProbeWorld {
  readonly environment: Environment;
  readonly clock: VirtualClock;
  readonly probe: Probe;
  readonly records: ReadonlyMap<string, OpenRecord>;
  /** The user copies a file by hand, and the volume stays mounted. */
  copy(name: string, bytes: Uint8Array): void;
  unplug(): void;
  plugIn(): void;
}

export interface ProbeWorldOptions extends Partial<ProbeMake> {
  /** Whether this system gives another name to the attachment when the medium is another, as Linux since 5.15 does. */
  readonly isRenamed?: boolean;
  readonly isReadOnly?: boolean;
  /** No desktop mounts it. */
  readonly isHeadless?: boolean;
  /** Of a board whose maker has taken others. */
  readonly productId?: number;
  /** Changes the sectors of the n-th file, counted from 1, on their way. */
  readonly onFile?: (file: number, sectors: readonly SectorWrite[]) => readonly SectorWrite[];
  /** Called before each sector. */
  readonly onSector?: (world: ProbeWorld, file: number, index: number, count: number) => void;
}

const UNIQUE_ID = '0240000034544e45001a00018aa900292011000097969900';
/** In ms; the probe programs as it takes them. */
const SECTOR_MS = 5;

/** A probe on a computer of its own, mounted by the desktop. */
export function createProbeWorld(options: ProbeWorldOptions = {}): ProbeWorld {
  const clock = createVirtualClock();
  const { uniqueId = UNIQUE_ID, make = 'arm', mode = 'Interface', details = null } = options;
  let [isThere, attachment, mounts, fileCount] = [true, 1, 1, 0];
  type Mounted = { readonly id: string; readonly host: HostMount; readonly readOnly: boolean };
  let mounted: Mounted | null = null;
  const probe = createProbe(
    clock,
    { uniqueId, make, mode, details, automation: options.automation ?? false },
    (hasDrive) => {
      isThere = hasDrive;
      mounted = null;
      attachment += 1;
    },
  );
  const records = new Map<string, OpenRecord>();

  function mountNow(readOnly: boolean): void {
    if (!isThere || probe.disk === null) {
      throw new SpacepackError('volume-not-mounted', 'Expected to mount the volume, found no medium.');
    }
    mounts += 1;
    mounted = { id: `${mounts}`, host: mountOf(probe.disk), readOnly };
  }
  const attachmentNow = (): string => `${attachment}${options.isRenamed === true ? `:${probe.medium}` : ''}`;
  const drive = (): Drive => {
    const mount = mounted && { path: '/media/DAPLINK', id: mounted.id, readOnly: mounted.readOnly };
    const volume: Volume = { id: 'sda', label: 'DAPLINK', fileSystem: 'fat16', sizeBytes: 64e6, mount };
    const serial = make === 'st' ? null : uniqueId;
    return {
      id: '/dev/sda',
      attachment: attachmentNow(),
      usb: {
        vendorId: 0x0d28,
        productId: options.productId ?? 0x0204,
        bcdDevice: 0x0100,
        serial,
        port: '1-1',
        revision: null,
      },
      vendor: 'MBED',
      product: 'VFS',
      mediaName: 'MBED VFS',
      sizeBytes: 64e6,
      writeProtected: options.isReadOnly === true,
      scheme: 'none',
      volumes: [volume],
    };
  };
  function present(volume: MountedVolume): Mounted {
    const isSame = isThere && volume.drive.attachment === attachmentNow();
    if (isSame && mounted?.id === volume.mount.id) return mounted;
    throw new SpacepackError('volume-gone', 'Expected the probe, found it gone.');
  }
  const volumes: VolumePort = {
    list: async () => (isThere ? [drive()] : []),
    changeCount: () => 0,
    changed: (_since, ms, signal) => clock.sleep(Math.min(ms, 250), signal),
    mount: async (_drive, _volume, { readOnly = false } = {}) => mountNow(readOnly || options.isReadOnly === true),
    async release(volume) {
      present(volume);
      mounted = null;
      return [volume.mount.path];
    },
    hold: async () => async () => {},
    checkCommand: () => 'Check it.',
    async entries(volume) {
      const { host } = present(volume);
      return [...host.files].map(([name, { length }]) => ({ name, kind: 'file', sizeBytes: length }));
    },
    read: async (volume, path, limitBytes) => present(volume).host.files.get(path)?.slice(0, limitBytes) ?? null,
    async write(volume, path, data) {
      const { host } = present(volume);
      const parts: Uint8Array[] = [];
      for await (const part of data) parts.push(part.slice());
      const bytes = Buffer.concat(parts);
      if (host.files.has(path)) throw new SpacepackError('volume-foreign', `${path} is there.`, { noEffect: true });
      fileCount += 1;
      const file = fileCount;
      const sectors = (options.onFile ?? ((_file, same) => same))(file, host.create(path, bytes));
      for (const [index, { sector, bytes: content }] of sectors.entries()) {
        options.onSector?.(world, file, index, sectors.length);
        if (!isThere) throw new SpacepackError('volume-io', `Writing ${path}: found EIO.`);
        await clock.sleep(SECTOR_MS);
        probe.write(sector, content);
      }
      return bytes.length;
    },
    readBack: async () => {
      throw new TypeError('nothing can be read back from a probe');
    },
    readPart: async (volume, path) => ({ kind: 'direct', bytes: present(volume).host.files.get(path) ?? null, volume }),
    async remove(volume, path) {
      for (const { sector, bytes } of present(volume).host.remove(path)) probe.write(sector, bytes);
    },
    freeBytes: async () => 60e6,
  };
  const environment = aComputer({ volumes, clock }, records, (bytes) => new Uint8Array(bytes).fill(mounts));
  const world: ProbeWorld = {
    environment,
    clock,
    probe,
    records,
    copy(name, bytes) {
      if (mounted === null) throw new TypeError('expected the volume to be mounted');
      for (const { sector, bytes: content } of mounted.host.create(name, bytes)) probe.write(sector, content);
    },
    unplug() {
      isThere = false;
      mounted = null;
    },
    plugIn() {
      isThere = true;
      attachment += 1;
      probe.restart();
    },
  };
  if (options.isHeadless !== true) mountNow(options.isReadOnly === true);
  return world;
}
