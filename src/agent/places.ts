import { join } from 'node:path';
import { fileNameOf, openStateFolder } from '../computer/state-directory.ts';
import type { Machine } from './machine.ts';

/** Where the journal and the last run are kept; made if missing. */
export async function agentFolder(machine: Pick<Machine, 'stateDirectory'>): Promise<string> {
  return openStateFolder(await machine.stateDirectory(), 'agent');
}

/** Where the trusted metadata of a channel is kept: each channel has its own trust root. */
export async function channelFolder(machine: Pick<Machine, 'stateDirectory'>, url: string): Promise<string> {
  return join(await machine.stateDirectory(), 'channels', await fileNameOf(url));
}
