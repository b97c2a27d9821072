import { createLog } from '../../../agent/log.ts';
import { answered } from '../../talk/result.ts';
import { type Command, defineCommand } from '../command.ts';

const USUAL_LINES = 50;

export const agentLogs: Command = defineCommand({
  name: 'logs',
  description: 'Show what the last runs did',
  positionals: {},
  options: {
    lines: { type: 'number', requiresArg: true, describe: `How many lines from the end (default ${USUAL_LINES})` },
  },
  examples: [['$0 agent logs --lines 200', 'What the last runs of the login item did']],
  async run({ lines = USUAL_LINES }, { io, speaker }) {
    const machine = await io.openMachine();
    const log = createLog(await machine.logDirectory());
    const found = await log.tail(Math.max(1, Math.trunc(lines) || USUAL_LINES));
    speaker.tell({ event: 'file', device: null, role: 'log', path: log.path });
    for (const line of found) speaker.tell({ event: 'log', device: null, line });
    speaker.page(found.length > 0 ? found.map((line) => [line]) : [[`There is nothing in ${log.path} yet.`]]);
    return answered(log.path);
  },
});
