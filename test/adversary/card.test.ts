import { existsSync, lstatSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { aVolume, pieces, QUICK, temporaryFolder } from '../volume/a-volume.ts';
import { CARD_FILES, ODD_FILES, PLANTS, plant } from './card.ts';

const LIMIT = 4_097;

async function aVictim(): Promise<string> {
  const victim = join(await temporaryFolder(), 'victim');
  writeFileSync(victim, 'mine');
  return victim;
}

describe.skipIf(process.platform === 'win32').each(Object.entries(PLANTS))('a card with %s', (_, what) => {
  test.each(CARD_FILES)('in the place of %s: every verb refuses it, and nothing elsewhere changes', async (name) => {
    const { volumes, mounted, ours } = await aVolume();
    const victim = await aVictim();
    const path = join(ours, name);
    await plant(what, path, victim);
    const before = lstatSync(path).ino;
    for (const verb of [
      () => volumes.read(mounted, `SPACEPAK/${name}`, LIMIT),
      () => volumes.readBack(mounted, `SPACEPAK/${name}`),
      () => volumes.write(mounted, `SPACEPAK/${name}`, pieces(new Uint8Array(8)), QUICK),
      () => volumes.remove(mounted, `SPACEPAK/${name}`),
    ]) {
      await expect(verb()).rejects.toMatchObject({ code: 'volume-foreign' });
    }
    expect(lstatSync(path).ino).toBe(before);
    expect(readFileSync(victim, 'utf8')).toBe('mine');
    expect(existsSync(`${victim}.new`)).toBe(false);
  });
});

test.each(Object.entries(ODD_FILES))('a card with %s: no more than the limit is read of it', async (_, what) => {
  const { volumes, mounted, ours } = await aVolume();
  for (const name of CARD_FILES) {
    await plant(what, join(ours, name), '');
    const read = await volumes.read(mounted, `SPACEPAK/${name}`, LIMIT);
    expect(read?.length).toBe(Math.min(LIMIT, lstatSync(join(ours, name)).size));
  }
});
