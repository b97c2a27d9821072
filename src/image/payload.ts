import { SpacepackError } from '../protocol/errors.ts';

/** A payload that can be read any number of times, each time from its start. */
export interface PayloadSource {
  /** What messages call it: usually the path. */
  readonly name: string;
  readonly sizeBytes: number;
  /**
   * Its bytes in order. A chunk is valid only until the next one is requested, because its memory is reused: copy it to
   * keep it. Rejects with `image-unreadable`, or with `image-changed` if it is no longer what it was at first.
   */
  read(): AsyncIterable<Uint8Array>;
}

/** A payload whose bytes are in memory. They must not change. */
export function memoryPayload(name: string, bytes: Uint8Array): PayloadSource {
  return {
    name,
    sizeBytes: bytes.length,
    async *read() {
      if (bytes.length > 0) yield bytes;
    },
  };
}

/** The first bytes of a payload; fewer if it is shorter. Rejects as `read` does. */
export async function headOf(payload: PayloadSource, sizeBytes: number): Promise<Uint8Array> {
  let head = new Uint8Array(0);
  for await (const chunk of payload.read()) {
    head = Uint8Array.from([...head, ...chunk.subarray(0, sizeBytes - head.length)]);
    if (head.length === sizeBytes) break;
  }
  return head;
}

/**
 * The chunks of a payload, never more than `sizeBytes` in all. Rejects as `read` does, and with `image-changed` if it
 * is shorter or longer.
 */
export async function* readExactly(payload: PayloadSource): AsyncGenerator<Uint8Array, void> {
  const { name, sizeBytes } = payload;
  let readBytes = 0;
  for await (const chunk of payload.read()) {
    readBytes += chunk.length;
    if (readBytes > sizeBytes) break;
    yield chunk;
  }
  if (readBytes !== sizeBytes) {
    const found = readBytes > sizeBytes ? 'more' : `${readBytes}`;
    throw new SpacepackError('image-changed', `${name}: expected ${sizeBytes} bytes, found ${found}.`);
  }
}
