import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { errnoOf } from '../computer/errno.ts';
import { onOwnDisk } from '../computer/own-disk.ts';
import { messageOf, SpacepackError } from '../protocol/errors.ts';
import type { Transport, TransportReply } from './transport.ts';

const ABSENT: TransportReply = {
  status: 404,
  etag: null,
  validator: null,
  range: null,
  lengthBytes: null,
  body: (async function* () {})(),
  stop: () => {},
};

const isAbsent = (thrown: unknown): boolean => ['ENOENT', 'ENOTDIR'].includes(errnoOf(thrown) ?? '');

/**
 * A channel in a folder: on a network drive, on a stick, or for tests. Anything but a regular file counts as absent: it
 * might never end.
 */
export function createFileTransport(): Transport {
  let requests = 0;
  return {
    requests: () => requests,
    async get({ url }) {
      requests += 1;
      try {
        const path = fileURLToPath(url);
        if (!(await onOwnDisk(dirname(path), () => stat(path))).isFile()) return ABSENT;
        const stream = createReadStream(path);
        return { ...ABSENT, status: 200, body: stream, stop: () => void stream.destroy() };
      } catch (thrown) {
        if (isAbsent(thrown)) return ABSENT;
        throw new SpacepackError('channel-unreachable', `Expected to read ${url.href}, found ${messageOf(thrown)}.`, {
          cause: thrown,
        });
      }
    },
    close: async () => {},
  };
}
