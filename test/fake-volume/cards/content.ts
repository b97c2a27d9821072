import { RESERVED_FOLDER } from './card.ts';

/**
 * A card as a reader in another computer would show it, whatever the device and the host do: for scenarios that tamper with
 * it, and for tests that compare it. Paths are relative to the volume, with `/` between names.
 */
export interface CardContent {
  /** Of all regular files. */
  paths(): readonly string[];
  /** `null` if there is no such file. */
  read(path: string): Uint8Array | null;
  write(path: string, bytes: Uint8Array): void;
  /** Puts what is neither a file nor a folder: a link, where the card's keeper has such a thing. */
  writeForeign(path: string): void;
  remove(path: string): void;
  /** From now on every chain fails the firmware's checks (protocol §9.5). */
  damage(): void;
}

/** The files of the user, which nobody may change (protocol §1.4): for comparing them byte by byte. */
export function userFiles(content: CardContent): ReadonlyMap<string, Uint8Array> {
  const paths = content.paths().filter((path) => path.split('/')[0]?.toUpperCase() !== RESERVED_FOLDER);
  return new Map(paths.sort().map((path) => [path, content.read(path) ?? new Uint8Array()]));
}

/** The paths of files that came, went or changed between two looks, in order; empty if every byte is the same. */
export function changedFiles(
  before: ReadonlyMap<string, Uint8Array>,
  after: ReadonlyMap<string, Uint8Array>,
): readonly string[] {
  const paths = [...new Set([...before.keys(), ...after.keys()])].sort();
  return paths.filter((path) => {
    const [old, now] = [before.get(path), after.get(path)];
    return old === undefined || now === undefined || Buffer.compare(old, now) !== 0;
  });
}
