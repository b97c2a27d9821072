import type { AgentComputer } from '../../agent/agent-computer.ts';
import { agentFolder } from '../../agent/agent-computer.ts';
import { createJournal, type Journal } from '../../agent/journal.ts';
import { messageOf } from '../../protocol/errors.ts';
import type { FaultCode } from '../../protocol/faults.ts';
import type { CommandContext } from '../commands/command.ts';
import type { Result } from '../talk/result.ts';

/** The journal of what was announced and tried on this computer. */
export function openJournal(machine: AgentComputer): Journal {
  return createJournal(() => agentFolder(machine));
}

/** Endings that do not count as attempts: nothing was to be written. */
const NOT_TRIED: readonly FaultCode[] = ['would-apply', 'already-current'];

/**
 * Records what a person tried, for `spacepack history`. Never rejects: a failure to record is reported and does not
 * change how the attempt ended.
 */
export async function keepAttempts(results: readonly Result[], tookMs: number, context: CommandContext): Promise<void> {
  try {
    const machine = await context.io.openMachine();
    const journal = openJournal(machine);
    const at = machine.date().toISOString();
    for (const { code, verdict, device, from, to, message } of results) {
      if (device === null || NOT_TRIED.includes(code)) continue;
      const attempt = { event: 'ended', by: 'person', at, device, release: null, from, to } as const;
      await journal.append({ ...attempt, verdict, code, message, elapsedMs: Math.round(tookMs) });
    }
  } catch (thrown) {
    const message = `The history could not be saved: ${messageOf(thrown)}`;
    context.speaker.tell({ event: 'notice', device: null, code: 'computer', message });
  }
}
