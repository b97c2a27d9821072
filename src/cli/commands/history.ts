import { historyPage } from '../../agent/history-page.ts';
import type { DeviceTimeline } from '../../agent/timeline.ts';
import { writeWhole } from '../../computer/own-disk.ts';
import { asTyped } from '../../computer/working-folder.ts';
import { attemptsIn, attemptText, type DeviceAttempt } from '../history/attempts.ts';
import { openJournal } from '../history/journal.ts';
import { answered } from '../talk/result.ts';
import { type Command, defineCommand } from './command.ts';

function timelinesOf(attempts: readonly DeviceAttempt[]): readonly DeviceTimeline[] {
  const devices = [...new Set(attempts.map(({ device }) => device))].sort();
  return devices.map((device) => ({
    device,
    moments: attempts
      .filter((attempt) => attempt.device === device)
      .map(({ at, verdict, from, to, message }) => ({ at: new Date(at), verdict, from, to, message }))
      .sort((a, b) => a.at.getTime() - b.at.getTime()),
  }));
}

export const history: Command = defineCommand({
  name: 'history',
  description: 'Show every update that was tried on this computer',
  positionals: {},
  options: {
    html: { type: 'string', requiresArg: true, describe: 'Write a page with the history as a picture; replaces FILE' },
  },
  examples: [
    ['$0 history', 'Every update that was tried on this computer'],
    ['$0 history --html updates.html', 'A page that works without a network'],
  ],
  async run({ html }, { io, speaker }) {
    const machine = await io.openMachine();
    const attempts = attemptsIn(await openJournal(machine).entries());
    for (const attempt of attempts) speaker.tell({ event: 'attempt', ...attempt });
    const count = attempts.length === 1 ? '1 attempt.' : `${attempts.length} attempts.`;
    if (html === undefined) {
      speaker.page(
        attempts.length > 0 ? attempts.map(attemptText) : [['No update has been tried on this computer yet.']],
      );
      return answered(count);
    }
    const path = asTyped(html);
    await writeWhole(path, historyPage(timelinesOf(attempts), machine.date()));
    speaker.tell({ event: 'file', device: null, role: 'history', path });
    speaker.page([[path]]);
    return answered(count);
  },
});
