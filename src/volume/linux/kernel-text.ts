import { closeSync, openSync, readSync } from 'node:fs';

/**
 * Kept, because we look often: readFileSync allocates a new 64 KiB for each kernel file, because their size is reported
 * as 0.
 */
const buffer = Buffer.allocUnsafe(64 * 1024);

/**
 * The text of a file that the kernel generates from memory, in microseconds: a synchronous read does not block. In
 * `latin1` one byte is one character, so names that are not UTF-8 stay distinct too.
 */
export function kernelText(path: string, encoding: 'latin1' | 'utf8' = 'latin1'): string {
  const file = openSync(path, 'r');
  try {
    let text = '';
    for (;;) {
      const length = readSync(file, buffer, 0, buffer.length, null);
      if (length === 0) return encoding === 'latin1' ? text : Buffer.from(text, 'latin1').toString(encoding);
      text += buffer.toString('latin1', 0, length);
    }
  } finally {
    closeSync(file);
  }
}
