import type { Command } from './command.ts';

interface Named {
  /** The name with its positional arguments, as yargs writes them: `verify <image>`. */
  readonly usage: string;
  readonly describe: string;
}

/** A command before its code is loaded, which is as quick as a list of commands must be; or a group of commands. */
export type Entry =
  | (Named & { readonly load: () => Promise<Command> })
  | (Named & { readonly children: readonly Entry[] });

export const COMMANDS: readonly Entry[] = [
  {
    usage: 'list',
    describe: 'List the devices that are plugged in',
    load: async () => (await import('./device/list.ts')).list,
  },
  {
    usage: 'info',
    describe: 'Show what a device says of itself',
    load: async () => (await import('./device/info.ts')).info,
  },
  {
    usage: 'update <image>',
    describe: 'Install a firmware image and prove what happened',
    load: async () => (await import('./device/update.ts')).updateCommand,
  },
  {
    usage: 'ping',
    describe: 'Make a device leave and come back: proves the whole path, changes nothing',
    load: async () => (await import('./device/ping.ts')).pingCommand,
  },
  {
    usage: 'verify <image>',
    describe: 'Check a firmware image; no device is needed',
    load: async () => (await import('./image/verify.ts')).verify,
  },
  {
    usage: 'image',
    describe: 'Make and examine firmware images',
    children: [
      {
        usage: 'create <application>',
        describe: 'Make an image from an application',
        load: async () => (await import('./image/create.ts')).imageCreate,
      },
      {
        usage: 'inspect <image>',
        describe: 'Show what is in an image, be it valid or not',
        load: async () => (await import('./image/inspect.ts')).imageInspect,
      },
      {
        usage: 'keygen <name>',
        describe: 'Make a key pair that signs images',
        load: async () => (await import('./image/keygen.ts')).imageKeygen,
      },
    ],
  },
  {
    usage: 'channel',
    describe: 'Publish firmware images so that devices stay up to date',
    children: [
      {
        usage: 'init <folder>',
        describe: 'Make an empty channel and its keys',
        load: async () => (await import('./channel/init.ts')).channelInit,
      },
      {
        usage: 'add <folder> <image>',
        describe: 'Publish an image as a release',
        load: async () => (await import('./channel/add.ts')).channelAdd,
      },
      {
        usage: 'rollout <folder> <release> <percent>',
        describe: 'Offer a release to so many percent of all devices',
        load: async () => (await import('./channel/rollout.ts')).channelRollout,
      },
      {
        usage: 'pause <folder> <release>',
        describe: 'Offer a release to nobody for now',
        load: async () => (await import('./channel/pause.ts')).channelPause,
      },
      {
        usage: 'withdraw <folder> <release>',
        describe: 'Take a release back',
        load: async () => (await import('./channel/withdraw.ts')).channelWithdraw,
      },
      {
        usage: 'refresh <folder>',
        describe: 'Sign the channel anew, so that it does not expire: every day',
        load: async () => (await import('./channel/refresh.ts')).channelRefresh,
      },
      {
        usage: 'rotate <folder> [key]',
        describe: 'Replace a key, or sign the trust root anew',
        load: async () => (await import('./channel/rotate.ts')).channelRotate,
      },
      {
        usage: 'verify <channel>',
        describe: 'Walk a whole channel as a client would',
        load: async () => (await import('./channel/verify.ts')).channelVerify,
      },
    ],
  },
  {
    usage: 'agent',
    describe: 'Keep devices up to date by themselves, by a login item',
    children: [
      {
        usage: 'install',
        describe: 'Start a short run at login, when a device comes, and daily',
        load: async () => (await import('./agent/install.ts')).agentInstall,
      },
      {
        usage: 'uninstall',
        describe: 'Remove the login item',
        load: async () => (await import('./agent/uninstall.ts')).agentUninstall,
      },
      {
        usage: 'status',
        describe: 'Show how the login item stands, and its last outcomes',
        load: async () => (await import('./agent/status.ts')).agentStatus,
      },
      {
        usage: 'run',
        describe: 'One run: look, ask the channel, do what the policy says',
        load: async () => (await import('./agent/run.ts')).agentRun,
      },
      {
        usage: 'config [key] [value]',
        describe: 'Show or change what the login item does',
        load: async () => (await import('./agent/config.ts')).agentConfig,
      },
      {
        usage: 'logs',
        describe: 'Show what the last runs did',
        load: async () => (await import('./agent/logs.ts')).agentLogs,
      },
      {
        usage: 'probe',
        describe: 'Find out whether the login item may read the device',
        load: async () => (await import('./agent/probe.ts')).agentProbe,
      },
    ],
  },
  {
    usage: 'history',
    describe: 'Show every update that was tried on this computer',
    load: async () => (await import('./history.ts')).history,
  },
  {
    usage: 'simulate [scenario]',
    describe: 'Run the real update on a simulated device; no hardware is needed',
    load: async () => (await import('./simulate/simulate.ts')).simulate,
  },
  {
    usage: 'doctor',
    describe: 'Find out why something does not work',
    load: async () => (await import('./doctor/doctor.ts')).doctor,
  },
];

/** The word that calls a command. */
export const nameOf = ({ usage }: Entry): string => usage.split(' ', 1)[0] ?? usage;

/** The commands that the first words of a command line call, from the group down; empty if the first is none. */
export function commandPath(argv: readonly string[], entries: readonly Entry[] = COMMANDS): readonly Entry[] {
  const [first, ...rest] = argv;
  const entry = entries.find((candidate) => nameOf(candidate) === first);
  if (entry === undefined) return [];
  return [entry, ...('children' in entry ? commandPath(rest, entry.children) : [])];
}
