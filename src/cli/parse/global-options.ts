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
