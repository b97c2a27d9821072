import type { CardContent } from './content.ts';
import { FOREIGN, fileNode, type Medium, putNode } from './medium.ts';

/** A card in memory, as a reader in another computer would show it; `null`: there is no card. */
export function mediumContent(medium: Medium | null): CardContent {
  const file = (path: string) => [medium?.nodes.get(path)].find((node) => node?.kind === 'file');
  return {
    paths: () => [...(medium?.nodes.keys() ?? [])].filter((path) => file(path) !== undefined),
    read: (path) => file(path)?.bytes ?? null,
    write: (path, bytes) => medium !== null && putNode(medium, path, fileNode(bytes)),
    writeForeign: (path) => medium !== null && putNode(medium, path, FOREIGN),
    remove: (path) => void medium?.nodes.delete(path),
    damage() {
      if (medium !== null) medium.damaged = true;
    },
  };
}
