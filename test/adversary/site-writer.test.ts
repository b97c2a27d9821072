import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { editRelease } from '../../src/channel/publisher/edit.ts';
import { refreshChannel } from '../../src/channel/publisher/refresh.ts';
import { rotateKey } from '../../src/channel/publisher/rotate.ts';
import { SpacepackError } from '../../src/protocol/errors.ts';
import { aChannel, aClient, type TestChannel, type TestClient, temporaryFolder, urlOf } from '../channel/a-channel.ts';
import { createSiteWriter, type Harm, harms } from './site-writer.ts';

/** What the maker does, in any order, to a channel with one release. */
type Deed = 'rollout' | 'pause' | 'refresh' | 'rotate' | 'rotate targets' | 'rotate timestamp' | 'rotate root-2';
type Step = { readonly maker: Deed } | { readonly harm: Harm };

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    fc.record({
      maker: fc.constantFrom<Deed>(
        'rollout',
        'pause',
        'refresh',
        'rotate',
        'rotate targets',
        'rotate timestamp',
        'rotate root-2',
      ),
    }),
    fc.record({ harm: harms }),
  ),
  { minLength: 4, maxLength: 14 },
);

interface Meant {
  readonly paused: boolean;
  readonly rolloutPercent: number;
}

async function perform({ publishing }: TestChannel, deed: Deed, { paused, rolloutPercent }: Meant): Promise<Meant> {
  const wider = { paused, rolloutPercent: rolloutPercent + 1 };
  const other = { paused: !paused, rolloutPercent };
  if (deed === 'rollout') await editRelease(publishing, '1.1.0', wider);
  else if (deed === 'pause') await editRelease(publishing, '1.1.0', other);
  else if (deed === 'refresh') await refreshChannel(publishing);
  else if (deed === 'rotate') await rotateKey(publishing, null);
  else await rotateKey(publishing, deed.slice('rotate '.length) as 'targets');
  if (deed === 'rollout') return wider;
  return deed === 'pause' ? other : { paused, rolloutPercent };
}

/** The last state that the maker meant and this client accepts; `null`: it refuses. Anything else fails. */
async function accepted(client: TestClient, meant: readonly Meant[]): Promise<number | null> {
  try {
    const { releases } = await client.check();
    const seen = releases.map(({ name, paused, rolloutPercent }) => ({ name, paused, rolloutPercent }));
    const index = meant.findLastIndex((one) => {
      const [release] = seen;
      return seen.length === 1 && release?.paused === one.paused && release.rolloutPercent === one.rolloutPercent;
    });
    expect(index, JSON.stringify(seen)).toBeGreaterThanOrEqual(0);
    return index;
  } catch (thrown) {
    if (thrown instanceof SpacepackError) return null;
    throw thrown;
  }
}

test('whatever is done to the folder without a key, no client accepts what the maker did not mean', async () => {
  const stranger = await aChannel();
  await stranger.add({ version: '9.0.0' });
  for (const name of ['targets', null] as const) await rotateKey(stranger.publishing, name);
  let [made, refused] = [0, 0];
  await fc.assert(
    fc.asyncProperty(steps, async (all) => {
      const channel = await aChannel();
      const trust = readFileSync(channel.rootPath);
      await channel.add({ version: '1.1.0' }, { rolloutPercent: 10 });
      const [copies, victim] = [temporaryFolder(), join(temporaryFolder(), 'victim')];
      mkdirSync(copies, { recursive: true });
      writeFileSync(victim, 'mine');
      const writer = createSiteWriter(channel.folder, stranger.folder, copies, victim);
      const meant: Meant[] = [{ paused: false, rolloutPercent: 10 }];
      const clientOf = () => aClient({ url: urlOf(channel.folder), root: trust });
      const old = await clientOf();
      let [latest, known] = [meant[0] as Meant, (await accepted(old, meant)) ?? 0];
      for (const step of all) {
        writer.remember();
        if ('harm' in step) writer.do(step.harm);
        else {
          try {
            latest = await perform(channel, step.maker, latest);
            meant.push(latest);
            made += 1;
            // A command that said it worked did: whoever asks now gets exactly that.
            expect(await accepted(await clientOf(), meant)).toBe(meant.length - 1);
          } catch (thrown) {
            if (!(thrown instanceof SpacepackError)) throw thrown;
            expect(thrown.code).toBe('channel-changed');
            refused += 1;
          }
        }
        await accepted(await clientOf(), meant);
        const seen = await accepted(old, meant);
        if (seen !== null) expect(seen).toBeGreaterThanOrEqual(known);
        known = seen ?? known;
        expect(readFileSync(victim, 'utf8')).toBe('mine');
      }
    }),
    { seed: 10, numRuns: 25 },
  );
  // Both ways were tried.
  expect(Math.min(made, refused)).toBeGreaterThan(15);
});
