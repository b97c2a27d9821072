import { resolve } from 'node:path';
import type { AgentComputer } from '../../../agent/agent-computer.ts';
import { channelFolder } from '../../../agent/agent-computer.ts';
import type { Channel } from '../../../channel/client.ts';
import { readRegular } from '../../../computer/own-disk.ts';
import { messageOf, SpacepackError } from '../../../protocol/errors.ts';
import type { CommandContext } from '../command.ts';

const INSTALL_REMEDY = 'Choose one: spacepack agent install --channel URL --trust root.json';

/** The URL of the channel that the settings name. Throws `usage` if they name none. */
export function requireChannel(url: string | null): string {
  if (url !== null) return url;
  throw new SpacepackError('usage', 'Expected a channel in the settings, found none.', { remedy: INSTALL_REMEDY });
}

/** The bytes of the trust root file; `undefined` if no path is given. Rejects with `usage`. */
export async function readTrustRoot(path: string | undefined): Promise<Uint8Array | undefined> {
  if (path === undefined) return undefined;
  try {
    return await readRegular(resolve(path));
  } catch (thrown) {
    if (thrown instanceof SpacepackError) throw thrown;
    throw new SpacepackError('usage', `Expected the channel's trust root in ${path}, found ${messageOf(thrown)}.`, {
      cause: thrown,
      remedy: 'The maker publishes it as root.json. Get it from a source that you trust.',
    });
  }
}

/**
 * The channel at a URL, with the trust root that was pinned for it before or is pinned now. Rejects as `openChannel`
 * does.
 */
export async function openAgentChannel(
  machine: AgentComputer,
  { io, speaker }: Pick<CommandContext, 'io' | 'speaker'>,
  url: string,
  root?: Uint8Array,
): Promise<Channel> {
  const { openChannel } = await import('../../../channel/client.ts');
  return openChannel({
    families: io.families,
    url,
    root,
    directory: await channelFolder(machine, url),
    cache: await machine.cacheDirectory(),
    date: machine.date,
    variables: machine.variables,
    notice: (message) => speaker.tell({ event: 'notice', device: null, code: 'computer', message }),
  });
}

/** A channel that is opened when it is first used: a run without a device does not need it. */
export function whenAsked(open: () => Promise<Channel>): Channel {
  let opened: Promise<Channel> | null = null;
  const channel = (): Promise<Channel> => {
    opened ??= open();
    return opened;
  };
  return {
    check: async (signal) => (await channel()).check(signal),
    download: async (release, signal) => (await channel()).download(release, signal),
    heardAt: async () => (await channel()).heardAt(),
  };
}
