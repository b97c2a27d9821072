import type { Mode } from '../device-info.ts';
import { formatVersion } from '../versions.ts';
import type { Info } from './info.ts';

const PATTERN = /^(?:A([0-9A-Z])(\d\d)|(B)000)$/;

interface Hint {
  readonly mode: Mode;
  /** First digits of the version; `null` in the bootloader. */
  readonly version: { readonly major: number; readonly minor: number } | null;
}

/** protocol §9.7 */
function parseRevision(revision: string | null): Hint | null {
  const [, major, minor, bootloader] = PATTERN.exec(revision ?? '') ?? [];
  if (bootloader !== undefined) return { mode: 'bootloader', version: null };
  if (major === undefined || minor === undefined) return null;
  return { mode: 'application', version: { major: Number.parseInt(major, 36), minor: Number(minor) } };
}

/** Larger numbers appear as these (protocol §9.7). */
const MOST_MAJOR = 35;
const MOST_MINOR = 99;

function contradicts({ mode, version: hinted }: Hint, info: Info): boolean {
  if (mode !== info.mode) return true;
  const version = info.details?.version ?? null;
  if (version === null || hinted === null) return false;
  const [major, minor] = [Math.min(version.major, MOST_MAJOR), Math.min(version.minor, MOST_MINOR)];
  return hinted.major !== major || hinted.minor !== minor;
}

/**
 * How INFO.TXT contradicts what the device says over USB, which is fresh at each attach, with or without a card. If it
 * does, INFO.TXT is old (protocol §9.5). `null`: it does not, or one of the two does not say.
 */
export function stalenessOf(info: Info, revision: string | null): string | null {
  const hint = parseRevision(revision);
  if (hint === null || !contradicts(hint, info)) return null;
  const { details, mode } = info;
  const said = details?.version ? `firmware ${formatVersion(details.version)}` : `mode ${mode}`;
  return `Expected INFO.TXT to say ${describeRevision(revision)}, as the device does over USB, found ${said}.`;
}

/**
 * What the four bytes of the INQUIRY product revision hint at (protocol §9.7), for people; `null` if they say nothing.
 * Never proof: they hold no hash.
 */
export function describeRevision(revision: string | null): string | null {
  const hint = parseRevision(revision);
  if (hint === null) return null;
  return hint.version === null ? 'its bootloader' : `firmware ${hint.version.major}.${hint.version.minor}`;
}
