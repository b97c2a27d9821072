import { isThere } from '../computer/own-disk.ts';
import type { OwnProgram } from './agent-computer.ts';

/** One thing that is right or wrong with the login item. */
export interface Diagnosis {
  /** One stable word: programs look for it. */
  readonly topic: string;
  /** `note`: worth knowing; `broken`: devices are not kept up to date because of it. */
  readonly state: 'good' | 'note' | 'broken';
  readonly message: string;
  /** What to do; empty if there is nothing to do. */
  readonly remedy: string;
}

/** The remedy for anything wrong with a login item's files. */
export const INSTALL_AGAIN = 'Run `spacepack agent install` again.';

/** Everything about the login item has one topic. */
export function diagnosis(state: Diagnosis['state'], message: string, remedy: string = ''): Diagnosis {
  return { topic: 'login-item', state, message, remedy };
}

/**
 * Whether what a login item starts is still there and is what runs now: an upgrade of Node may have moved or removed
 * it.
 */
export async function checkProgram(recorded: OwnProgram, now: OwnProgram): Promise<Diagnosis> {
  for (const path of [recorded.node, recorded.script]) {
    if (await isThere(path)) continue;
    const message = `The login item starts ${path}, which is no longer there: Node.js or spacepack was moved or upgraded.`;
    return diagnosis('broken', message, INSTALL_AGAIN);
  }
  const moved = recorded.node !== now.node || recorded.script !== now.script;
  if (!moved) return diagnosis('good', `It starts ${recorded.node}.`);
  const message = `It starts ${recorded.node} ${recorded.script}, but this is ${now.node} ${now.script}.`;
  return diagnosis('note', message, INSTALL_AGAIN);
}
