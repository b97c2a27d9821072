import { expect, test } from 'vitest';
import { parseLsblk } from '../../../src/volume/linux/lsblk.ts';
import { lsblkDisk } from './a-kernel.ts';

// Found by the fuzzer. JSON may say that an object has no way to become a number.
test.each(['1e999', '-512', '1.5', '{"toString":null,"valueOf":null}'])(
  'a disk whose size lsblk gives as %s is told, with a size that is not known',
  (size) => {
    const json = JSON.stringify({ blockdevices: [{ ...lsblkDisk(), size: 'SIZE' }] }).replace('"SIZE"', size);
    expect(parseLsblk(json)).toMatchObject([{ path: '/dev/sdb', sizeBytes: 0 }]);
  },
);
