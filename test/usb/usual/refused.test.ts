import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import { formatCard } from '../../fake-volume/cards/fat/format.ts';
import { type Bench, KEY, openBench, writesTo } from '../bench.ts';

const MIB = 1024 * 1024;

let bench: Bench;
let update: string;
beforeAll(async () => {
  bench = await openBench(inject('productFolder'));
  update = `update ${bench.payload('v2.dfu')} --key ${KEY} --yes`;
});
afterEach(() => bench.clear());
afterAll(() => bench.close());

/** Cards made by the tools that people make them with. */
const CARDS: readonly (readonly [name: string, prepare: string, code: string])[] = [
  ['an exFAT card', 'echo 2048,,7 | sfdisk -q $disk && mkfs.exfat $part', 'card-file-system'],
  ['a FAT in a partition of another type', 'echo 2048,,7 | sfdisk -q $disk && mkfs.vfat $part', 'card-file-system'],
  ['a card with a GPT', 'echo 2048, | sfdisk -q --label gpt $disk && mkfs.vfat $part', 'card-gpt'],
  ['a card without a partition table', 'mkfs.vfat -I $disk', 'card-no-partition-table'],
];

describe('a device with real USB', () => {
  test.each(CARDS)('refuses %s by name and writes nothing', async (_, prepare, code) => {
    await bench.automount('nobody');
    // The tools run on the stick itself, in the guest, before it is plugged in again.
    const stick = await bench.stick({
      image: formatCard({ bits: 16, sizeBytes: 64 * MIB, clusterSectors: 4, label: 'EMPTY' }),
    });
    await bench.plug(stick);
    await bench.guest.ask(
      `set -e; disk=$(ls /dev/sd?); part=$(ls /dev/sd?1); wipefs -qa $disk; ${prepare}; udevadm settle; sync`,
    );
    stick.unplug();
    await bench.untilGone();
    await bench.plug(stick);
    stick.clearEvents();
    const told = await bench.spacepack(update);
    expect({ status: told.status, code: told.code }).toEqual({ status: 6, code });
    expect(writesTo(stick)).toEqual([]);
  });
});
