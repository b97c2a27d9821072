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
    load: async () => (await import('./commands/list.ts')).list,
  },
  {
    usage: 'info',
    describe: 'Show what a device says of itself',
    load: async () => (await import('./commands/info.ts')).info,
  },
  {
    usage: 'update <image>',
    describe: 'Install a firmware image and prove what happened',
    load: async () => (await import('./commands/update.ts')).updateCommand,
  },
  {
    usage: 'ping',
    describe: 'Make a device leave and come back: proves the whole path, changes nothing',
    load: async () => (await import('./commands/ping.ts')).pingCommand,
  },
  {
    usage: 'verify <image>',
    describe: 'Check a firmware image; no device is needed',
    load: async () => (await import('./commands/verify.ts')).verify,
  },
  {
    usage: 'image',
    describe: 'Make and examine firmware images',
    children: [
      {
        usage: 'create <application>',
        describe: 'Make an image from an application',
        load: async () => (await import('./commands/image-create.ts')).imageCreate,
      },
      {
        usage: 'inspect <image>',
        describe: 'Show what is in an image, be it valid or not',
        load: async () => (await import('./commands/image-inspect.ts')).imageInspect,
      },
      {
        usage: 'keygen <name>',
        describe: 'Make a key pair that signs images',
        load: async () => (await import('./commands/image-keygen.ts')).imageKeygen,
      },
    ],
  },
  {
    usage: 'simulate [scenario]',
    describe: 'Run the real update on a simulated device; no hardware is needed',
    load: async () => (await import('./commands/simulate/simulate.ts')).simulate,
  },
  {
    usage: 'doctor',
    describe: 'Find out why something does not work',
    load: async () => (await import('./commands/doctor.ts')).doctor,
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
