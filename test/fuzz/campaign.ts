import type { Coverage } from './coverage.ts';
import { createDice } from './dice.ts';
import { type Material, mutate } from './mutate.ts';
import type { Target } from './target.ts';

/** An input that a parser did not take as it promises. */
export interface Fault {
  readonly bytes: Uint8Array;
  readonly message: string;
}

export interface CampaignOptions {
  /** The same seed, inputs and sources give the same campaign. */
  readonly seed: number;
  /** Asked before each batch of executions. */
  readonly goesOn: (executions: number) => boolean;
  /** Called before each execution: if it never ends, this input is why. */
  readonly onInput?: (bytes: Uint8Array) => void;
}

/** What came of it. */
export interface Campaign {
  readonly executions: number;
  /** Inputs each of which adds to what the smaller ones reach. */
  readonly corpus: readonly Uint8Array[];
  /** `null`: every promise was kept. The campaign ends with the first fault. */
  readonly fault: Fault | null;
}

/** So many inputs are executed between two looks at the coverage, which cost far more than they do. */
const BATCH = 64;

/** Lets a parser have the inputs that it has, then ever changed ones, and keeps those that reach something new. */
export async function runCampaign(
  target: Target,
  inputs: readonly Uint8Array[],
  coverage: Coverage,
  { seed, goesOn, onInput }: CampaignOptions,
): Promise<Campaign> {
  const kinds = new Set<string>();
  const corpus: Uint8Array[] = [];
  let executions = 0;
  let fault: Fault | null = null;

  const execute = async (bytes: Uint8Array): Promise<string> => {
    executions += 1;
    onInput?.(bytes);
    try {
      return await target.run(bytes);
    } catch (thrown) {
      fault ??= { bytes, message: thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown) };
      return 'fault';
    }
  };
  const keepIfNew = async (bytes: Uint8Array): Promise<void> => {
    coverage.skip();
    const kind = await execute(bytes);
    const isNew = coverage.take() > 0 || !kinds.has(kind);
    kinds.add(kind);
    if (isNew) corpus.push(bytes);
  };

  const first = [...inputs, ...target.seeds()].sort((one, other) => one.length - other.length);
  for (const bytes of first) if (fault === null) await keepIfNew(bytes);
  const material: Material = {
    dice: createDice(seed),
    words: target.words.map((word) => Buffer.from(word, 'latin1')),
    kept: corpus,
    mostBytes: target.mostBytes ?? 4096,
  };
  while (fault === null && goesOn(executions)) {
    const batch = Array.from({ length: BATCH }, () => changed(target, material));
    coverage.skip();
    const news = new Set<Uint8Array>();
    for (const bytes of batch) if (!kinds.has(await execute(bytes))) news.add(bytes);
    if (fault !== null) break;
    const isNew = coverage.take(true) > 0;
    for (const bytes of batch) if (isNew || news.has(bytes)) await keepIfNew(bytes);
  }
  return { executions, corpus, fault };
}

function changed({ repaired, reshaped }: Target, material: Material): Uint8Array {
  const { dice, kept, mostBytes } = material;
  const bytes = dice.pick(kept);
  if (reshaped !== undefined && dice.below(2) === 0) return reshaped(bytes, dice).subarray(0, mostBytes);
  const mutated = mutate(bytes, material);
  return repaired === undefined || dice.below(8) === 0 ? mutated : repaired(mutated);
}
