import { expect, test } from 'vitest';
import { explain, find } from '../../src/devices/find.ts';
import { FAMILIES } from '../../src/protocol/families.ts';
import type { Environment } from '../../src/volume/port.ts';
import { createMemoryWorld } from '../fake-volume/index.ts';

/** A SpacePack whose person keeps copies of files of other devices on it. */
function packWith(files: Readonly<Record<string, string>>, without: readonly string[] = []): Environment {
  const { environment } = createMemoryWorld();
  const { volumes } = environment;
  return {
    ...environment,
    volumes: {
      ...volumes,
      async read(volume, path, limitBytes) {
        const text = files[path];
        if (text !== undefined) return new TextEncoder().encode(text);
        return without.some((each) => path.endsWith(each)) ? null : volumes.read(volume, path, limitBytes);
      },
    },
  };
}

const COPIES = {
  'INFO_UF2.TXT': 'UF2 Bootloader v3.0\r\nModel: Raspberry Pi RP2\r\nBoard-ID: RPI-RP2\r\n',
  'DETAILS.TXT': 'Unique ID: 9900\r\nHIC ID: 9900\r\nInterface Version: 0257\r\nRemount count: 0\r\n',
};

test('what USB says of a device counts more than copies of files of other devices on it', async () => {
  const [sight, ...others] = await find(packWith(COPIES), FAMILIES);
  expect(others).toEqual([]);
  expect([sight?.family.id, sight?.problem, sight?.info?.mode]).toEqual(['spacepack', null, 'application']);
});

test('it is none of those other devices while its own files are not there', async () => {
  const [sight] = await find(packWith(COPIES, ['INFO.TXT']), FAMILIES);
  expect([sight?.family.id, sight?.problem?.code]).toEqual(['spacepack', 'info-missing']);
});

test('the others say why they do not claim it', async () => {
  const claims = await explain(packWith(COPIES), FAMILIES);
  const said = 'Expected a drive of unknown USB ids, found those of SpacePack (spacepack).';
  expect(claims.map(({ family, whyNot }) => [family.id, whyNot])).toEqual([
    ['spacepack', null],
    ['uf2', said],
    ['daplink', said],
  ]);
});
