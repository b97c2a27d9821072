import type { Fetcher } from 'tuf-js';
import { messageOf, SpacepackError } from '../protocol/errors.ts';
import type { FaultCode } from '../protocol/faults.ts';
import { type Bounds, PACE, type Pace, readBounded } from './bounded-body.ts';
import { type PartialFile, partialFile } from './partial-file.ts';
import type { Transport, TransportReply } from './transport.ts';

export interface DownloadOptions {
  readonly transport: Transport;
  /** Where the download is kept until it is complete, so that the next try can resume. */
  readonly partPath: string;
  readonly pace?: Pace;
  readonly signal?: AbortSignal | undefined;
}

const found = (url: URL, code: FaultCode, expected: string, what: string, cause?: unknown): SpacepackError =>
  new SpacepackError(code, `${url.href}: expected ${expected}, found ${what}.`, { cause });

/**
 * Where the body of an answer belongs in the file. Throws `download-failed` for what is not the file, such as a page to
 * sign in, before anything of an earlier try is given up; or `channel-untrusted` for another range than the one that
 * was requested.
 */
function offsetOf(url: URL, answer: TransportReply, wanted: number, sizeBytes: number): number {
  const { status, range, lengthBytes } = answer;
  if (status === 200) {
    if (lengthBytes === null || lengthBytes === sizeBytes) return 0;
    throw found(url, 'download-failed', `${sizeBytes} bytes`, `an answer of ${lengthBytes}`);
  }
  const isRange = wanted > 0 && (status === 206 || status === 416);
  if (!isRange) throw found(url, 'download-failed', 'status 200 or 206', String(status));
  if (range?.offset === wanted && range.totalBytes === sizeBytes) return wanted;
  throw found(url, 'channel-untrusted', `bytes from ${wanted} on of ${sizeBytes}`, `others, with status ${status}`);
}

async function fetchInto(url: URL, part: PartialFile, sizeBytes: number, options: DownloadOptions): Promise<void> {
  const { transport, signal, pace = PACE } = options;
  const begun = await part.begun();
  if (begun?.offset === sizeBytes) return;
  const from = begun !== null && begun.offset < sizeBytes ? begun : undefined;
  const answer = await transport.get({ url, signal, ...(from && { from }) });
  try {
    const offset = offsetOf(url, answer, from?.offset ?? 0, sizeBytes);
    const codes = { broken: 'download-failed', tooLong: 'channel-untrusted' } as const;
    const bounds: Bounds = { ...codes, pace, mostBytes: sizeBytes - offset, name: url.href, signal };
    const size = await part.append(offset, answer.validator, readBounded(answer, bounds));
    if (size < sizeBytes) throw found(url, 'download-failed', `${sizeBytes} bytes`, `${size}`);
  } finally {
    answer.stop();
  }
}

/**
 * What a failure to verify or keep the file means: the updater throws its own errors for bytes that were not signed.
 */
function failureOf(url: URL, thrown: unknown): SpacepackError {
  if (thrown instanceof SpacepackError) return thrown;
  const ofDisk = thrown instanceof Error && 'code' in thrown;
  const expected = ofDisk ? 'to keep it on this computer' : 'the bytes that were signed';
  return found(url, ofDisk ? 'download-failed' : 'channel-untrusted', expected, messageOf(thrown), thrown);
}

/**
 * How the updater gets a target: into a file that survives a failure, so that it resumes where it broke off. Bytes that
 * are not what was signed are discarded, and fetched once more from the start if part of them came from an earlier try.
 */
export function createTargetFetcher(options: DownloadOptions): Fetcher {
  const part = partialFile(options.partPath);
  return {
    downloadBytes: (url) => Promise.reject(new TypeError(`${url} is not to be fetched`)),
    async downloadFile(address, sizeBytes, take) {
      const url = new URL(address);
      for (let resumed = (await part.begun()) !== null; ; resumed = false) {
        try {
          await fetchInto(url, part, sizeBytes, options);
          const taken = await take(part.path);
          await part.discard();
          return taken;
        } catch (thrown) {
          const failure = failureOf(url, thrown);
          if (failure.code === 'channel-untrusted') await part.discard();
          if (failure.code !== 'channel-untrusted' || !resumed) throw failure;
        }
      }
    },
  };
}
