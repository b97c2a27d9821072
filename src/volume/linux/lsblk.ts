import type { RunProgram } from '../../computer/run-program.ts';
import { SpacepackError } from '../../protocol/errors.ts';
import { memberOf } from '../../protocol/shapes.ts';
import { type BlockDevice, fileSystemOf, partitionTypeOf, schemeOf } from './block-device.ts';

/**
 * In the order of what util-linux has had: the last ones need 2.33 (RHEL 8 has 2.32) and 2.35. Without NAME, partitions are
 * not shown below their disks.
 */
const COLUMNS = 'NAME,MAJ:MIN,TYPE,TRAN,RM,HOTPLUG,RO,SIZE,FSTYPE,LABEL,PARTTYPE,PATH,PTTYPE,FSVER'.split(',');
const LEAST_COLUMNS = 3;

/** The tree of all block devices, with what this lsblk knows of them. Rejects with `listing-failed`. */
export async function listBlockDevices(run: RunProgram): Promise<readonly BlockDevice[]> {
  let columns = COLUMNS;
  for (;;) {
    const ran = await run('lsblk', ['--all', '--json', '--bytes', '--output', columns.join(',')]);
    if (ran.status === 0) return parseLsblk(ran.stdout);
    // It names the first column that it does not know, and often the rest of the list after it.
    const unknown = columns.indexOf(/unknown column: ([^,\s]+)/.exec(ran.stderr)?.[1] ?? '');
    if (unknown < LEAST_COLUMNS) {
      const found = ran.failure === 'missing' ? 'it is not installed' : ran.stderr.trim() || ran.failure;
      throw new SpacepackError('listing-failed', `Expected lsblk to list the drives, found: ${found}`);
    }
    columns = columns.toSpliced(unknown, 1);
  }
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
  const name = text(value, 'name');
  const path = text(value, 'path') ?? (name === null ? null : `/dev/${name}`);
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
    scheme: schemeOf(text(value, 'pttype') ?? tableOf(below), fileSystem, children.length),
    partitionType: partitionTypeOf(text(value, 'parttype')),
    children,
  };
}

/** The type of the partition table, from the types of its partitions: a number in an MBR, a UUID in a GPT. */
function tableOf(partitions: unknown): string | null {
  const types = Array.isArray(partitions) ? partitions.map((each) => text(each, 'parttype')) : [];
  const type = types.find((each) => each !== null) ?? '';
  return /^0x[0-9a-f]+$/i.test(type) ? 'dos' : /^[0-9a-f]{8}-/i.test(type) ? 'gpt' : null;
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
