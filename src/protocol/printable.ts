/** One sentence of the device or from its card, fit for a terminal: printable ASCII, at most 256 characters. */
export function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?').slice(0, 256);
}
