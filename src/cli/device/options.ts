/** Options that several commands share, each said once. As yargs takes them. */

export const rootOption = {
  root: {
    type: 'string',
    requiresArg: true,
    describe: 'Take the folders below DIR for volumes: for tests and demonstrations',
    group: 'Device:',
  },
} as const;

export const deviceOptions = {
  device: {
    type: 'string',
    alias: 'd',
    requiresArg: true,
    describe: 'The device: its serial (or how that begins), or its port',
    group: 'Device:',
  },
  volume: {
    type: 'string',
    requiresArg: true,
    describe: 'The device whose volume is mounted at PATH; it is checked all the same',
    group: 'Device:',
  },
} as const;

export const allOption = {
  all: { type: 'boolean', describe: 'All devices that fit, side by side', group: 'Device:' },
} as const;

export const timeoutOption = {
  timeout: {
    type: 'number',
    requiresArg: true,
    describe: 'Most seconds for the whole run (default 1800)',
  },
} as const;

export const keyOption = {
  key: {
    type: 'string',
    array: true,
    requiresArg: true,
    describe: "File with the maker's public key (PEM); may be given several times",
  },
} as const;

/** Options of every command. */
export const GLOBAL_OPTIONS = {
  json: {
    type: 'boolean',
    describe: 'One JSON object a line on the standard output; the last is the result',
    group: 'Output:',
  },
  quiet: { type: 'boolean', alias: 'q', describe: 'Only the final line', group: 'Output:' },
  'no-color': { type: 'boolean', describe: 'No colours (so does the variable NO_COLOR)', group: 'Output:' },
} as const;
