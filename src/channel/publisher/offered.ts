import { compareVersions } from '../../protocol/versions.ts';
import type { Release } from '../release.ts';

/** Not a revision: what is for it fits devices whose revision is not known, and every other. */
const ANY = '';

/**
 * The releases that any device could still be offered; for all the others, `chooseRelease` always prefers a newer one
 * that goes to every device. Depends on nothing but the releases.
 */
export function offeredOf(releases: readonly Release[]): ReadonlySet<Release> {
  const newestFirst = releases.toSorted((a, b) => compareVersions(b.version, a.version));
  /** By product and revision: the highest security counter among newer releases that go to all. */
  const newer = new Map<string, number>();
  const offered = new Set<Release>();
  const keysOf = ({ product, hardware }: Release): readonly string[] =>
    (hardware.length === 0 ? [ANY] : hardware).map((revision) => `${product}/${revision}`);
  const covered = (key: string, product: string): number =>
    Math.max(newer.get(key) ?? -1, newer.get(`${product}/${ANY}`) ?? -1);
  for (let index = 0; index < newestFirst.length; ) {
    // Those of one version do not replace each other.
    const end = newestFirst.findIndex(
      ({ version }, at) => at > index && compareVersions(version, newestFirst[index]?.version ?? version) !== 0,
    );
    const same = newestFirst.slice(index, end < 0 ? undefined : end);
    for (const release of same) {
      const { product, securityCounter } = release;
      if (keysOf(release).some((key) => covered(key, product) < securityCounter)) offered.add(release);
    }
    for (const release of same) {
      if (release.paused || release.rolloutPercent < 100) continue;
      for (const key of keysOf(release)) newer.set(key, Math.max(newer.get(key) ?? -1, release.securityCounter));
    }
    index += same.length;
  }
  return offered;
}
