const LF = 0x0a;
const CR = 0x0d;

/** Gives each line of a file that comes in chunks, without its end: LF, or CR and LF. */
export interface LineSplitter {
  take(chunk: Uint8Array): void;
  /** Gives the last line if the file does not end with the end of one. */
  finish(): void;
}

/**
 * A line of more than `mostBytes` is given cut to `mostBytes` + 1, and `onLine` may only look at the bytes while it is
 * called.
 */
export function createLineSplitter(mostBytes: number, onLine: (line: Uint8Array) => void): LineSplitter {
  // Room for a CR as well, so that a line of the greatest length can be told from a longer one.
  const carried = new Uint8Array(mostBytes + 2);
  let carriedBytes = 0;

  function carry(bytes: Uint8Array): void {
    const part = bytes.subarray(0, carried.length - carriedBytes);
    carried.set(part, carriedBytes);
    carriedBytes += part.length;
  }

  function give(line: Uint8Array): void {
    const length = line[line.length - 1] === CR ? line.length - 1 : line.length;
    onLine(line.subarray(0, Math.min(length, mostBytes + 1)));
  }

  function giveCarried(): void {
    const line = carried.subarray(0, carriedBytes);
    carriedBytes = 0;
    give(line);
  }

  return {
    take(bytes) {
      // A view of a plain array is made several times as fast as one of a Buffer.
      const chunk = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
      let start = 0;
      for (let end = chunk.indexOf(LF); end >= 0; end = chunk.indexOf(LF, start)) {
        const line = chunk.subarray(start, end);
        start = end + 1;
        if (carriedBytes === 0) give(line);
        else {
          carry(line);
          giveCarried();
        }
      }
      carry(chunk.subarray(start));
    },
    finish() {
      if (carriedBytes > 0) giveCarried();
    },
  };
}
