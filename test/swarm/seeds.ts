import { imagine } from './imagine.ts';
import { type Finding, play } from './play.ts';
import { shrink } from './shrink.ts';
import { partsOf, type Story } from './story.ts';
import { tell, tellEnd } from './tell.ts';

/** A seed whose story ended in something that must never be. */
export interface FailedSeed {
  readonly seed: number;
  readonly findings: readonly Finding[];
}

/** Plays the stories of `count` seeds, of which every `step`-th from `from` on, one after another. */
export async function playSeeds(from: number, count: number, step: number = 1): Promise<readonly FailedSeed[]> {
  const failed: FailedSeed[] = [];
  for (let seed = from; seed < from + count; seed += step) {
    const { findings } = await play(imagine(seed));
    if (findings.length > 0) failed.push({ seed, findings });
  }
  return failed;
}

/** The smallest story of a seed that still ends in a finding of this kind, in sentences and as data. */
export async function explain(seed: number, kind: string): Promise<string> {
  const isStill = async (story: Story): Promise<boolean> =>
    (await play(story)).findings.some((finding) => finding.kind === kind);
  const story = await shrink(imagine(seed), isStill);
  const { findings, ends } = await play(story);
  const found = findings.filter((finding) => finding.kind === kind).map(({ text }) => text);
  return [
    tell(story),
    ...ends.map(tellEnd),
    `FALSE: ${kind}: ${found.join('; ')}`,
    `Again: npm run test:swarm -- --from ${seed} --seeds 1`,
    JSON.stringify(partsOf(story)),
  ].join('\n  ');
}
