import { realpath } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Clock } from '../computer/clock.ts';
import { systemClock } from '../computer/clock.ts';
import { onOwnDisk } from '../computer/own-disk.ts';
import type { OwnPlaces } from '../computer/own-places.ts';
import { type RunProgram, runProgram } from '../computer/run-program.ts';
import { defaultStateDirectory, fileNameOf, openStateFolder } from '../computer/state-directory.ts';
import { asTyped } from '../computer/working-folder.ts';
import type { Family } from '../protocol/family.ts';

/** What a login item needs from the computer. It is handed in so that each system's code can be tested on any other. */
export interface AgentComputer {
  /** The devices that start a login item. */
  readonly families: readonly Pick<Family, 'usb'>[];
  readonly platform: NodeJS.Platform;
  /** The user's numeric id; `null` on Windows. */
  readonly uid: number | null;
  readonly home: string;
  /** Environment variables of this process. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly run: RunProgram;
  readonly clock: Clock;
  date(): Date;
  /**
   * The program that runs us and our own script, absolute and with links resolved: a login item has no PATH to find
   * them.
   */
  program(): Promise<OwnProgram>;
  /** Where the journal, the records and the channel's trusted metadata live. */
  stateDirectory(): Promise<string>;
  /** Where downloads live. */
  cacheDirectory(): Promise<string>;
  logDirectory(): Promise<string>;
}

export interface OwnProgram {
  readonly node: string;
  readonly script: string;
}

const folders = async (): Promise<OwnPlaces> => (await import('../computer/own-places.ts')).ownPlaces();

/** This computer. `SPACEPACK_CACHE_DIR` and `SPACEPACK_LOG_DIR` override the system's folders, as for the state. */
export const agentComputer = (families: readonly Family[]): AgentComputer => ({
  families,
  platform: process.platform,
  uid: process.getuid?.() ?? null,
  home: homedir(),
  variables: process.env,
  run: runProgram,
  clock: systemClock,
  date: () => new Date(),
  async program() {
    const script = process.argv[1] ?? '';
    const [node, real] = await Promise.all(
      [process.execPath, script].map((path) => onOwnDisk(dirname(path), () => realpath(path)).catch(() => path)),
    );
    return { node: node ?? process.execPath, script: real ?? script };
  },
  stateDirectory: defaultStateDirectory,
  cacheDirectory: async () => asTyped(process.env['SPACEPACK_CACHE_DIR'] || (await folders()).cache),
  // ~/Library/Logs/spacepack, ~/.local/state/spacepack, %LOCALAPPDATA%\spacepack\Log
  logDirectory: async () => asTyped(process.env['SPACEPACK_LOG_DIR'] || (await folders()).log),
});

/** Where the journal and the last run are kept; created if missing. */
export async function agentFolder(computer: Pick<AgentComputer, 'stateDirectory'>): Promise<string> {
  return openStateFolder(await computer.stateDirectory(), 'agent');
}

/** Where the trusted metadata of a channel is kept: each channel has its own trust root. */
export async function channelFolder(computer: Pick<AgentComputer, 'stateDirectory'>, url: string): Promise<string> {
  return join(await computer.stateDirectory(), 'channels', await fileNameOf(url));
}
