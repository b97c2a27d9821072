import { join } from 'node:path';
import { fileNameOf, openStateFolder } from '../computer/state-directory.ts';
import type { AgentComputer } from './agent-computer.ts';

/** Where the journal and the last run are kept; made if missing. */
export async function agentFolder(computer: Pick<AgentComputer, 'stateDirectory'>): Promise<string> {
  return openStateFolder(await computer.stateDirectory(), 'agent');
}

/** Where the trusted metadata of a channel is kept: each channel has its own trust root. */
export async function channelFolder(computer: Pick<AgentComputer, 'stateDirectory'>, url: string): Promise<string> {
  return join(await computer.stateDirectory(), 'channels', await fileNameOf(url));
}
