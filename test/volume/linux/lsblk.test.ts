import { describe, expect, test } from 'vitest';
import { listBlockDevices, parseLsblk } from '../../../src/volume/linux/lsblk.ts';
import { programs, ran } from '../a-computer.ts';
import { lsblkDisk } from './a-kernel.ts';

/**
 * An lsblk that does not know some columns, and says so as it does: the first one and what follows it in the list
 * (storaged-project/blivet issue 864, jsamr/bootiso issue 52); that of util-linux 2.32 in RHEL 8 has neither PATH nor PTTYPE
 * (coreos/fedora-coreos-config pull request 727, livecd-tools/livecd-tools issue 218), and writes numbers and truth as text.
 */
function oldLsblk(unknown: readonly string[], tree: object): ReturnType<typeof programs> {
  return programs({
    lsblk: (args) => {
      const columns = args.at(-1)?.split(',') ?? [];
      const at = columns.findIndex((column) => unknown.includes(column));
      if (at < 0) return ran(JSON.stringify({ blockdevices: [tree] }));
      return ran('', 1, `lsblk: unknown column: ${columns.slice(at).join()}\n`);
    },
  });
}

const RHEL_8 = {
  name: 'sdb',
  'maj:min': '8:16',
  type: 'disk',
  tran: 'usb',
  rm: '1',
  hotplug: '1',
  ro: '0',
  size: '31914983424',
  fstype: null,
  label: null,
  parttype: null,
  children: [
    {
      name: 'sdb1',
      'maj:min': '8:17',
      type: 'part',
      tran: null,
      rm: '1',
      hotplug: '1',
      ro: '0',
      size: '31910789120',
      fstype: 'vfat',
      label: 'Untitled 1',
      parttype: '0xc',
    },
  ],
};

describe('lsblk of util-linux before 2.33', () => {
  test('is asked for fewer columns, and tells as much as a newer one', async () => {
    const { run, asked } = oldLsblk(['PATH', 'PTTYPE', 'FSVER'], RHEL_8);
    expect(await listBlockDevices(run)).toMatchObject([
      {
        path: '/dev/sdb',
        external: true,
        sizeBytes: 31_914_983_424,
        scheme: 'mbr',
        children: [{ path: '/dev/sdb1', label: 'Untitled 1', fileSystem: 'fat', partitionType: 12 }],
      },
    ]);
    expect(asked).toHaveLength(4);
  });

  test('tells a GPT by the types of its partitions', async () => {
    const [child] = RHEL_8.children;
    const tree = { ...RHEL_8, children: [{ ...child, parttype: 'ebd0a0a2-b9e5-4433-87c0-68b6b72699c7' }] };
    const { run } = oldLsblk(['PATH', 'PTTYPE', 'FSVER'], tree);
    expect(await listBlockDevices(run)).toMatchObject([{ scheme: 'gpt' }]);
  });

  test('that does not know what a disk is called is not asked for ever', async () => {
    const { run, asked } = oldLsblk(['NAME'], RHEL_8);
    await expect(listBlockDevices(run)).rejects.toMatchObject({ code: 'listing-failed' });
    expect(asked).toHaveLength(1);
  });
});

// Found by the fuzzer. JSON may say that an object has no way to become a number.
test.each(['1e999', '-512', '1.5', '{"toString":null,"valueOf":null}'])(
  'a disk whose size lsblk gives as %s is told, with a size that is not known',
  (size) => {
    const json = JSON.stringify({ blockdevices: [{ ...lsblkDisk(), size: 'SIZE' }] }).replace('"SIZE"', size);
    expect(parseLsblk(json)).toMatchObject([{ path: '/dev/sdb', sizeBytes: 0 }]);
  },
);
