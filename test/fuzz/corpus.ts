import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The kept inputs of a target, in the order of their names. `folder` holds a folder for each target. */
export function readCorpus(folder: string, target: string): readonly Uint8Array[] {
  const place = join(folder, target);
  if (!existsSync(place)) return [];
  return readdirSync(place)
    .sort()
    .map((name) => readFileSync(join(place, name)));
}

/** Puts these inputs in the place of those that were kept. */
export function writeCorpus(folder: string, target: string, inputs: readonly Uint8Array[]): void {
  rmSync(join(folder, target), { recursive: true, force: true });
  for (const bytes of inputs) writeInput(join(folder, target), bytes);
}

/** Writes one input under a name made of its content; answers with the path. */
export function writeInput(folder: string, bytes: Uint8Array): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, createHash('sha256').update(bytes).digest('hex').slice(0, 16));
  writeFileSync(path, bytes);
  return path;
}
