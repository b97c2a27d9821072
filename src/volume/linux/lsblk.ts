import type { RunProgram } from '../../computer/run-program.ts';
import { SpacepackError } from '../../protocol/errors.ts';
import { memberOf } from '../../protocol/shapes.ts';
import { type BlockDevice, fileSystemOf, partitionTypeOf, schemeOf } from './block-device.ts';

/** Only columns that util-linux has had since 2.33. Without NAME, partitions are not shown below their disks. */
const COLUMNS = 'NAME,PATH,MAJ:MIN,TYPE,TRAN,RM,HOTPLUG,RO,SIZE,FSTYPE,FSVER,LABEL,PTTYPE,PARTTYPE';
const COLUMNS_WITHOUT_VERSION = COLUMNS.replace('FSVER,', '');

/** The tree of all block devices. Rejects with `listing-failed`. */
export async function listBlockDevices(run: RunProgram): Promise<readonly BlockDevice[]> {
  const ask = (columns: string): ReturnType<RunProgram> =>
    run('lsblk', ['--all', '--json', '--bytes', '--output', columns]);
  let ran = await ask(COLUMNS);
  if (ran.status !== 0 && /FSVER/.test(ran.stderr)) ran = await ask(COLUMNS_WITHOUT_VERSION);
  if (ran.status !== 0) {
    const found = ran.failure === 'missing' ? 'it is not installed' : ran.stderr.trim() || ran.failure;
    throw new SpacepackError('listing-failed', `Expected lsblk to list the drives, found: ${found}`);
  }
  return parseLsblk(ran.stdout);
}

/** The tree from lsblk's JSON, as written by any version. Throws `listing-failed` if the text is not such JSON. */
export function parseLsblk(text: string): readonly BlockDevice[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (thrown) {
    throw new SpacepackError('listing-failed', 'Expected JSON from lsblk, found other text.', { cause: thrown });
  }
  const devices = memberOf(parsed, 'blockdevices');
  if (!Array.isArray(devices))
    throw new SpacepackError('listing-failed', 'Expected block devices in the JSON from lsblk, found none.');
  return devices.map(parseDevice).filter((device) => device !== null);
}

function parseDevice(value: unknown): BlockDevice | null {
  const path = text(value, 'path');
  const device = text(value, 'maj:min');
  if (path === null || device === null) return null;
  const below = memberOf(value, 'children');
  const children = Array.isArray(below) ? below.map(parseDevice).filter((child) => child !== null) : [];
  const fileSystem = fileSystemOf(text(value, 'fstype'), text(value, 'fsver'));
  return {
    path,
    device: device.trim(),
    type: text(value, 'type') ?? '',
    external: text(value, 'tran') === 'usb' || yes(value, 'rm') || yes(value, 'hotplug'),
    readOnly: yes(value, 'ro'),
    sizeBytes: countOf(value, 'size'),
    fileSystem,
    label: text(value, 'label') ?? '',
    scheme: schemeOf(text(value, 'pttype'), fileSystem, children.length),
    partitionType: partitionTypeOf(text(value, 'parttype')),
    children,
  };
}

function text(value: unknown, key: string): string | null {
  const found = memberOf(value, key);
  return typeof found === 'string' && found !== '' ? found : null;
}

/** util-linux before 2.33 writes a string. Anything that is not a size is 0: not known. */
function countOf(value: unknown, key: string): number {
  const found = memberOf(value, key);
  const count = typeof found === 'string' ? Number(found) : found;
  return typeof count === 'number' && Number.isSafeInteger(count) && count > 0 ? count : 0;
}

/** util-linux before 2.33 writes `"1"` where later ones write `true`. */
function yes(value: unknown, key: string): boolean {
  const found = memberOf(value, key);
  return found === true || found === '1' || found === 1;
}
