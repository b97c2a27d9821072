import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { openChannel } from '../../../channel/client.ts';
import { readSiteFile } from '../../../channel/publisher/site.ts';
import { messageOf, SpacepackError } from '../../../protocol/errors.ts';
import { answered } from '../../talk/result.ts';
import { type Command, type CommandContext, defineCommand } from '../command.ts';
import { releaseEvent, releaseText } from './release-text.ts';

const isUrl = (text: string): boolean => /^(https?|file):\/\//i.test(text);

async function readRoot(path: string): Promise<Buffer> {
  try {
    const root = await readSiteFile(path, 'root');
    if (root !== null) return root;
  } catch (thrown) {
    const found = messageOf(thrown);
    throw new SpacepackError('usage', `Expected a trust root in ${path}, found ${found}.`, { cause: thrown });
  }
  throw new SpacepackError('usage', `Expected a trust root in ${path}, found none.`);
}

interface Verified {
  readonly count: number;
  readonly expiresAt: Date;
}

async function walk(
  url: string,
  root: Buffer,
  place: string,
  { io, speaker, interrupts }: CommandContext,
): Promise<Verified> {
  const leftOut: string[] = [];
  const channel = await openChannel({
    families: io.families,
    url,
    directory: join(place, 'state'),
    cache: join(place, 'cache'),
    root,
    notice: (message) => leftOut.push(message),
  });
  const { releases, expiresAt } = await channel.check(interrupts.cancel);
  if (leftOut.length > 0) throw new SpacepackError('channel-malformed', leftOut.join(' '));
  for (const release of releases) {
    await channel.download(release, interrupts.cancel);
    speaker.tell(releaseEvent(release));
  }
  speaker.page(releaseText(releases));
  return { count: releases.length, expiresAt };
}

export const channelVerify: Command = defineCommand({
  name: 'verify',
  description: 'Check a whole channel as a client would',
  positionals: {
    channel: { type: 'string', demandOption: true, describe: 'The folder of the channel, or its address' },
  },
  options: {
    trust: {
      type: 'string',
      demandOption: true,
      requiresArg: true,
      describe: 'The trust root as your users have it; never the one in the served folder',
    },
  },
  examples: [
    ['$0 channel verify site --trust keys/root.json', 'Before the upload'],
    ['$0 channel verify https://updates.example.com/spacepack --trust root.json', 'As your users see it'],
  ],
  epilogue: 'Starts like a new client, follows every change of keys, and downloads and checks every image.',
  async run({ channel, trust }, context) {
    const root = await readRoot(trust);
    const url = isUrl(channel) ? channel : pathToFileURL(resolve(channel)).href;
    const place = await mkdtemp(join(tmpdir(), 'spacepack-verify-'));
    try {
      const { count, expiresAt } = await walk(url, root, place, context);
      const message = `The channel is sound: ${count} releases, trusted until ${expiresAt.toISOString()}.`;
      context.speaker.page([[message]]);
      return answered(message);
    } finally {
      await rm(place, { recursive: true, force: true });
    }
  },
});
