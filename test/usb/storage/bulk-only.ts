import type { Target } from './scsi.ts';

/** USB Mass Storage Bulk-Only Transport 1.0: command, data, status, one after the other. */
export interface BulkOnly {
  /** The host sends. */
  out(data: Buffer): void;
  /** The host wants so many bytes; `reply` is called when there are some, or never. Returns a way to call it off. */
  in(wantedBytes: number, reply: (data: Buffer) => void): () => void;
  /** By a bus reset or the class's own reset: the next thing is a command. */
  reset(): void;
}

const COMMAND_BYTES = 31;
const COMMAND_SIGNATURE = 0x43425355;
const STATUS_SIGNATURE = 0x53425355;

interface Job {
  readonly tag: number;
  readonly dataBytes: number;
  readonly isToHost: boolean;
  readonly command: Buffer;
  received: Buffer[];
  haveBytes: number;
  /** What is still to be read; `null`: the target works. */
  answer: { data: Buffer; status: Buffer } | null;
}

export function createBulkOnly(target: Target): BulkOnly {
  let job: Job | null = null;
  let waiting: { wantedBytes: number; reply: (data: Buffer) => void } | null = null;

  const begin = (block: Buffer): Job | null => {
    if (block.length !== COMMAND_BYTES || block.readUInt32LE(0) !== COMMAND_SIGNATURE) return null;
    return {
      tag: block.readUInt32LE(4),
      dataBytes: block.readUInt32LE(8),
      isToHost: (block.readUInt8(12) & 0x80) !== 0,
      command: Buffer.from(block.subarray(15, 15 + (block.readUInt8(14) & 0x1f))),
      received: [],
      haveBytes: 0,
      answer: null,
    };
  };
  const work = async (current: Job): Promise<void> => {
    const outcome = await target.run(current.command, Buffer.concat(current.received));
    // A reset has come in between, or the device has left.
    if (job !== current || outcome.kind === 'gone') return;
    const data =
      outcome.kind === 'good' && current.isToHost ? outcome.data.subarray(0, current.dataBytes) : Buffer.alloc(0);
    const moved = current.isToHost ? data.length : current.haveBytes;
    current.answer = { data, status: statusBlock(current, current.dataBytes - moved, outcome.kind === 'good' ? 0 : 1) };
    feed();
  };
  /** Gives a waiting host its data, then its status. */
  const feed = (): void => {
    const answer = job?.answer ?? null;
    if (waiting === null || job === null || answer === null) return;
    const { wantedBytes, reply } = waiting;
    waiting = null;
    if (job.isToHost && job.haveBytes < job.dataBytes) {
      const part = answer.data.subarray(job.haveBytes, job.haveBytes + wantedBytes);
      job.haveBytes += part.length;
      // A short answer ends the data: the next thing that the host reads is the status.
      if (part.length < wantedBytes) job.haveBytes = job.dataBytes;
      reply(part);
      return;
    }
    job = null;
    reply(answer.status);
  };
  return {
    out(data) {
      if (job === null) {
        job = begin(data);
        if (job !== null && (job.isToHost || job.dataBytes === 0)) void work(job);
        return;
      }
      job.received.push(Buffer.from(data));
      job.haveBytes += data.length;
      if (job.haveBytes >= job.dataBytes) void work(job);
    },
    in(wantedBytes, reply) {
      const mine = { wantedBytes, reply };
      waiting = mine;
      feed();
      return () => {
        if (waiting === mine) waiting = null;
      };
    },
    reset() {
      job = null;
      waiting = null;
    },
  };
}

function statusBlock({ tag }: Job, residue: number, status: 0 | 1): Buffer {
  const bytes = Buffer.alloc(13);
  bytes.writeUInt32LE(STATUS_SIGNATURE, 0);
  bytes.writeUInt32LE(tag, 4);
  bytes.writeUInt32LE(residue, 8);
  bytes.writeUInt8(status, 12);
  return bytes;
}
