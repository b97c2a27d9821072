import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { RESERVED_FOLDER } from '../cards/card.ts';

/**
 * Changes whenever a host has written to the card, as far as a cheap look shows: the entries of the root and of the reserved
 * folder with their sizes and times.
 */
export function folderSignature(root: string): string {
  return [root, join(root, RESERVED_FOLDER)].flatMap(entriesOf).join('\n');
}

function entriesOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .sort()
      .map((name) => {
        const stats = lstatSync(join(folder, name), { throwIfNoEntry: false });
        return stats === undefined ? name : `${name} ${stats.ino} ${stats.size} ${stats.mtimeMs}`;
      });
  } catch {
    return [];
  }
}
