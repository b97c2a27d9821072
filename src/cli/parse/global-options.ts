/** Options of every command. */
export const GLOBAL_OPTIONS = {
  json: {
    type: 'boolean',
    describe: 'One JSON object a line on the standard output; the last is the result',
    group: 'Output:',
  },
  profile: {
    type: 'string',
    array: true,
    requiresArg: true,
    describe: 'Devices of your own: the profile of one, or a folder of profiles; may be given several times',
    group: 'Device:',
  },
  quiet: { type: 'boolean', alias: 'q', describe: 'Only the final line', group: 'Output:' },
  'no-color': { type: 'boolean', describe: 'No colours (so does the variable NO_COLOR)', group: 'Output:' },
} as const;
