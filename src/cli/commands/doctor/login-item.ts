import { type AgentComputer, agentFolder } from '../../../agent/agent-computer.ts';
import { loginItemOf } from '../../../agent/systems.ts';
import { underWayDiagnoses } from '../../../agent/under-way.ts';
import { toSpacepackError } from '../../../protocol/errors.ts';
import { type Finding, note } from './finding.ts';

/**
 * Whether devices are kept up to date automatically, and what would stop that: a moved Node, a system setting. None of
 * it stops an update by hand, so nothing here is worse than a note.
 */
export async function checkLoginItem(machine: AgentComputer): Promise<readonly Finding[]> {
  try {
    const item = await loginItemOf(machine);
    if (item === null) return [];
    const { diagnoses } = await item.inspect();
    const stuck = await underWayDiagnoses(await agentFolder(machine), machine.date());
    return [...diagnoses, ...stuck].map(({ topic, state, message, remedy }) => ({
      topic,
      state: state === 'good' ? 'good' : 'note',
      message,
      remedy,
    }));
  } catch (thrown) {
    const { message, remedy } = toSpacepackError(thrown);
    return [note('login-item', message, remedy)];
  }
}
