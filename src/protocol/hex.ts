/** Upper-case hexadecimal digits, padded with zeros. */
export function toHex(value: number, digits: number): string {
  return value.toString(16).toUpperCase().padStart(digits, '0');
}

/** Lower-case hexadecimal digits, two a byte: the form in which all digests are kept and compared. */
export function hexOfBytes(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
