import { cpSync, existsSync, lstatSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';

/** What somebody can do who can write to a served folder at any time, and has no key of its channel. */
export type Harm =
  | { readonly kind: 'delete'; readonly file: number }
  /** A file of an earlier state of the folder, under its own name or another. */
  | { readonly kind: 'replay'; readonly state: number; readonly file: number; readonly as: number | null }
  /** A file of a channel with keys of their own. */
  | { readonly kind: 'forge'; readonly file: number; readonly as: number | null }
  | { readonly kind: 'edit'; readonly file: number; readonly from: string; readonly to: string }
  | { readonly kind: 'link'; readonly as: number }
  /** The whole folder as it was. */
  | { readonly kind: 'restore'; readonly state: number };

const file = fc.nat(40);
const as = fc.option(file, { nil: null });
export const harms: fc.Arbitrary<Harm> = fc.oneof(
  fc.record({ kind: fc.constant('delete' as const), file }),
  fc.record({ kind: fc.constant('replay' as const), state: fc.nat(20), file, as }),
  fc.record({ kind: fc.constant('forge' as const), file, as }),
  fc.record({
    kind: fc.constant('edit' as const),
    file,
    from: fc.constantFrom('"paused":false', '"rollout":', '"threshold":2', '"version":', '"expires":"20'),
    to: fc.constantFrom('"paused":true', '"rollout":1', '"threshold":1', '"version":1', '"expires":"21', ' '),
  }),
  fc.record({ kind: fc.constant('link' as const), as: file }),
  fc.record({ kind: fc.constant('restore' as const), state: fc.nat(20) }),
);

export interface SiteWriter {
  /** Keeps a copy of the folder as it is now. */
  remember(): void;
  do(harm: Harm): void;
}

const pick = <T>(list: readonly T[], index: number): T | undefined => list[index % Math.max(1, list.length)];

/** `theirs`: a folder with a channel of the writer's own; `victim`: where planted links point to. */
export function createSiteWriter(site: string, theirs: string, copies: string, victim: string): SiteWriter {
  let states = 0;
  const folder = join(site, 'metadata');
  const stateOf = (index: number): string => join(copies, `${index % Math.max(1, states)}`);
  const namesIn = (place: string): readonly string[] => readdirSync(place).sort();
  /** Names that are there, and those that the maker will write next. */
  const names = (): readonly string[] => {
    const present = namesIn(folder);
    const next = present.map((name) => name.replace(/^\d+/, (digits) => `${Number(digits) + 1}`));
    return [...new Set([...present, ...next, 'timestamp.json', '1.root.json'])].sort();
  };
  const put = (source: string | undefined, name: string | undefined): void => {
    if (source === undefined || name === undefined || !existsSync(source)) return;
    rmSync(join(folder, name), { force: true });
    writeFileSync(join(folder, name), readFileSync(source));
  };
  const take = (place: string, index: number, other: number | null): void => {
    const name = pick(namesIn(place), index);
    put(join(place, name ?? ''), other === null ? name : pick(names(), other));
  };
  return {
    remember() {
      cpSync(site, join(copies, `${states}`), { recursive: true });
      states += 1;
    },
    do(harm) {
      const chosen = 'file' in harm ? harm.file : 'as' in harm ? harm.as : 0;
      const path = join(folder, pick(names(), chosen) ?? '');
      if (harm.kind === 'delete') rmSync(path, { force: true });
      if (harm.kind === 'replay') take(join(stateOf(harm.state), 'metadata'), harm.file, harm.as);
      if (harm.kind === 'forge') take(join(theirs, 'metadata'), harm.file, harm.as);
      if (harm.kind === 'link') {
        rmSync(path, { force: true });
        symlinkSync(victim, path);
      }
      if (harm.kind === 'edit' && existsSync(path) && !lstatSync(path).isSymbolicLink()) {
        writeFileSync(path, readFileSync(path, 'utf8').replace(harm.from, harm.to));
      }
      if (harm.kind === 'restore') {
        rmSync(site, { recursive: true });
        cpSync(stateOf(harm.state), site, { recursive: true });
      }
    },
  };
}
