import { lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import type { CardContent } from '../cards/content.ts';

/** The content of a card that is a folder, wherever that is now. */
export function folderContent(root: () => string, damage: () => void): CardContent {
  const at = (path: string) => join(root(), ...path.split('/'));
  const isFile = (path: string) => lstatSync(path, { throwIfNoEntry: false })?.isFile() === true;
  return {
    paths() {
      const base = root();
      return readdirSync(base, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => relative(base, join(entry.parentPath, entry.name)).split(sep).join('/'));
    },
    read: (path) => (isFile(at(path)) ? readFileSync(at(path)) : null),
    write(path, bytes) {
      mkdirSync(dirname(at(path)), { recursive: true });
      writeFileSync(at(path), bytes);
    },
    writeForeign(path) {
      rmSync(at(path), { recursive: true, force: true });
      mkdirSync(dirname(at(path)), { recursive: true });
      symlinkSync('/etc/hostname', at(path));
    },
    remove: (path) => rmSync(at(path), { force: true }),
    damage,
  };
}
