import { resolve } from 'node:path';
import type { Environment } from '../../volume/port.ts';
import type { CommandContext } from '../commands/command.ts';

export const rootOption = {
  root: {
    type: 'string',
    requiresArg: true,
    describe: 'Use the folders below DIR as volumes, for tests and demonstrations',
    group: 'Device:',
  },
} as const;

/** The world that a command acts on: the computer's drives or, with `--root`, the folders below a folder. */
export function openWorld(
  { io, speaker }: CommandContext,
  { root }: { readonly root?: string | undefined },
): Promise<Environment> {
  const notice = (message: string): void => speaker.tell({ event: 'notice', device: null, code: 'computer', message });
  return io.openWorld({ root: root === undefined ? null : resolve(root), notice });
}
