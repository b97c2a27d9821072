import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Ran } from '../../../src/computer/run-program.ts';
import type { Computer } from '../../../src/volume/computer.ts';
import { createSystemVolumes, type SystemVolumes } from '../../../src/volume/system-volumes.ts';
import { aComputer, programs, ran } from '../a-computer.ts';
import { temporaryFolder } from '../a-volume.ts';

const fixture = (name: string): string => readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8');

/** What ioreg prints with a SpacePack behind a hub on macOS 26, and with one plugged into the computer on older ones. */
export const IOREG: string = fixture('ioreg.plist');
export const IOREG_10_12: string = fixture('ioreg-10.12.plist');
export const IOREG_10_10: string = fixture('ioreg-10.10.plist');
const INFO = fixture('diskutil-info-disk4s1.plist');

/** The same without a card: of the block device that reads it there is no medium (IOStorageFamily, IOBlockStorageDriver.cpp). */
export const IOREG_NO_CARD: string = IOREG.replace(
  /(<string>IOBlockStorageDriver<\/string>\n)(\t*)<key>IORegistryEntryChildren<\/key>\n\2<array>\n[\s\S]*?\n\2<\/array>\n/,
  '$1',
);

/**
 * The same with an APFS container on the card: it is another whole disk below the partition, and its volumes are below that
 * one. The classes and their order are in BLAPFSUtilities.c of Apple's bless, and in listings of Macs, `AppleAPFSMedia` with
 * `Whole` and `BSD Name` for instance in a parser's test of text that ioreg printed.
 */
export const IOREG_APFS: string = IOREG.replace(
  '<key>Leaf</key><true/>',
  `<key>Leaf</key><false/>
<key>IORegistryEntryChildren</key>
<array><dict>
  <key>IOObjectClass</key><string>AppleAPFSContainerScheme</string>
  <key>IORegistryEntryChildren</key>
  <array><dict>
    <key>IOObjectClass</key><string>AppleAPFSMedia</string>
    <key>IORegistryEntryName</key><string>AppleAPFSMedia</string>
    <key>BSD Name</key><string>disk5</string>
    <key>Content</key><string>EF57347C-0000-11AA-AA11-00306543ECAC</string>
    <key>Size</key><integer>31910789120</integer>
    <key>Whole</key><true/>
    <key>Writable</key><true/>
    <key>IORegistryEntryChildren</key>
    <array>
      <dict><key>IOObjectClass</key><string>AppleAPFSMediaBSDClient</string></dict>
      <dict>
        <key>IOObjectClass</key><string>AppleAPFSContainer</string>
        <key>IORegistryEntryChildren</key>
        <array><dict>
          <key>IOObjectClass</key><string>AppleAPFSVolume</string>
          <key>IORegistryEntryName</key><string>Pictures</string>
          <key>BSD Name</key><string>disk5s1</string>
          <key>Size</key><integer>31910789120</integer>
          <key>Whole</key><false/>
          <key>Writable</key><true/>
        </dict></array>
      </dict>
    </array>
  </dict></array>
</dict></array>`,
);

export const NO_SUCH_DISK: Ran = ran(
  '<?xml version="1.0" encoding="UTF-8"?>\n<plist version="1.0"><dict><key>Error</key><true/><key>ErrorMessage</key><string>Could not find disk: disk4s1</string></dict></plist>',
  1,
);

/** A SpacePack plugged into a Mac whose programs can be told what to say. */
export interface Mac {
  readonly volumes: SystemVolumes;
  readonly asked: string[];
  /** Where the volume is mounted; `null`: it is not. */
  mountedAt: string | null;
  readonly mountPoint: string;
  /** Where device nodes and mount points are. */
  readonly dev: string;
  readonly mounts: string;
  ioreg: (args: readonly string[]) => Ran;
  info: (text: string, name?: string) => Ran;
  unmount: () => Ran;
  mount: () => Ran;
  /** The device's node is made anew, as it is at each attach. */
  attachAgain(): void;
}

export async function aMac(parts: Partial<Computer> = {}): Promise<Mac> {
  const base = await temporaryFolder();
  const [dev, mounts] = [join(base, 'dev'), join(base, 'Volumes')];
  const mountPoint = join(mounts, 'Untitled 1');
  mkdirSync(dev);
  mkdirSync(join(mountPoint, 'SPACEPAK'), { recursive: true });
  writeFileSync(join(dev, 'disk4s1'), '');
  const { run, asked } = programs({
    ioreg: (args) => mac.ioreg(args),
    diskutil: (args) => {
      switch (args[0]) {
        case 'info':
          return mac.info(withMountPoint(mac.mountedAt), args.at(-1));
        case 'unmount':
          return mac.unmount();
        default:
          return mac.mount();
      }
    },
  });
  const system: Computer['system'] = { platform: 'darwin', env: {}, uid: 501, program: 'node' };
  const mac: Mac = {
    volumes: createSystemVolumes(aComputer({ run, system, dev, volumes: mounts, ...parts })),
    asked,
    mountedAt: mountPoint,
    mountPoint,
    dev,
    mounts,
    ioreg: () => ran(IOREG),
    info: (text) => ran(text),
    unmount: () => {
      mac.mountedAt = null;
      return ran('Volume Untitled 1 on disk4s1 unmounted\n');
    },
    mount: () => {
      mac.mountedAt = mountPoint;
      return ran('Volume Untitled 1 on disk4s1 mounted\n');
    },
    attachAgain() {
      rmSync(join(dev, 'disk4s1'));
      // The number of a removed file may be given to the next one.
      writeFileSync(join(dev, 'other'), '');
      writeFileSync(join(dev, 'disk4s1'), '');
    },
  };
  return mac;
}

function withMountPoint(path: string | null): string {
  return INFO.replace('/Volumes/Untitled 1', path ?? '');
}
