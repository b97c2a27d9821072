import { resolve } from 'node:path';
import type { Environment } from '../../volume/port.ts';
import type { Context } from '../commands/command.ts';

/** The world that a command line means: the computer's drives, or with `--root` the folders below one. */
export function openWorld(
  { io, speaker }: Context,
  { root }: { readonly root?: string | undefined },
): Promise<Environment> {
  const notice = (message: string): void => speaker.tell({ event: 'notice', device: null, code: 'computer', message });
  return io.openWorld({ root: root === undefined ? null : resolve(root), notice });
}
