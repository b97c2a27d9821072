const PATTERN = /^(?:A([0-9A-Z])(\d\d)|(B)000)$/;

/**
 * What the four bytes of the INQUIRY product revision hint at (protocol §9.7), for people; `null` if they say nothing. Never proof:
 * they hold no hash.
 */
export function describeRevision(revision: string | null): string | null {
  const [, major, minor, bootloader] = PATTERN.exec(revision ?? '') ?? [];
  if (bootloader !== undefined) return 'its bootloader';
  if (major === undefined || minor === undefined) return null;
  return `firmware ${Number.parseInt(major, 36)}.${Number(minor)}`;
}
