import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { SpacepackError, toSpacepackError } from '../../src/protocol/errors.ts';

const failed = (code: string, syscall?: string): Error =>
  Object.assign(new Error(`${code}: it failed`), { code, ...(syscall !== undefined && { syscall }) });

describe('a caught value', () => {
  test('is itself if it is a SpacepackError', () => {
    const error = new SpacepackError('volume-gone', 'x');
    expect(toSpacepackError(error)).toBe(error);
  });

  test.each([
    ['a disk that is full', failed('ENOSPC', 'write')],
    ['a home that is read-only', failed('EROFS', 'mkdir')],
    ['a folder of somebody else', failed('EACCES', 'open')],
    ['a file where a folder belongs', failed('ENOTDIR', 'mkdir')],
    ['a folder where a file belongs', failed('EISDIR', 'read')],
    ['a disk that cannot be read', failed('EIO', 'read')],
    ['too many open files', failed('EMFILE', 'open')],
    ['a pipe where a file belongs', failed('EINVAL')],
    ['a user without a home', failed('ERR_SYSTEM_ERROR', 'uv_os_homedir')],
    ['a user without a name', failed('ERR_SYSTEM_ERROR', 'uv_os_get_passwd')],
  ])('%s is the fault of the computer’s own disk, and is not to be reported to us', (_, thrown) => {
    expect(toSpacepackError(thrown)).toMatchObject({ code: 'own-disk', cause: thrown });
  });

  test('and so is a real error of the system', async () => {
    const thrown: unknown = await readFile('/nowhere/file').catch((each: unknown) => each);
    expect(toSpacepackError(thrown).code).toBe('own-disk');
  });

  test.each([
    ['our own bug', new TypeError('x is not a function')],
    ['a handle that was closed twice', failed('EBADF', 'close')],
    ['a program that is not there', failed('ENOENT', 'spawn flock')],
    ['a server that refuses', failed('ECONNREFUSED', 'connect')],
    ['a reader that has gone', failed('EPIPE', 'write')],
    ['no error at all', 'text'],
  ])('%s is not', (_, thrown) => {
    expect(toSpacepackError(thrown).code).toBe('unexpected');
  });

  test('a real error of the network is not', async () => {
    const thrown = await new Promise((resolve) => connect('/nowhere/socket').once('error', resolve));
    expect(toSpacepackError(thrown).code).toBe('unexpected');
  });
});
