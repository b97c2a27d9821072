/** A digest as lower-case hexadecimal digits, two a byte: the form in which all digests are kept and compared. */
export function hexOfDigest(digest: Uint8Array): string {
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
