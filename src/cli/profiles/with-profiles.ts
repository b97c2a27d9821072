import type { Io } from '../io/io.ts';
import { loadSettings } from '../settings/settings.ts';

/** The same with the families of the profiles that the command line and the settings name. */
export async function withProfiles(io: Io, given: unknown): Promise<Io> {
  const named = Array.isArray(given) ? given.map(String) : [];
  const paths = [...named, ...(await loadSettings(io)).profiles];
  if (paths.length === 0) return io;
  const { profileFamilies } = await import('./load.ts');
  return { ...io, families: [...io.families, ...(await profileFamilies([...new Set(paths)], io.families))] };
}
