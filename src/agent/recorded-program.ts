import type { OwnProgram } from './agent-computer.ts';
import { type Diagnosis, diagnosis, INSTALL_AGAIN } from './diagnosis.ts';
import { isThere } from './is-there.ts';

/** Whether what a login item starts is still there, and is what runs now: an upgrade of Node may have moved or removed it. */
export async function checkProgram(recorded: OwnProgram, now: OwnProgram): Promise<Diagnosis> {
  for (const path of [recorded.node, recorded.script]) {
    if (await isThere(path)) continue;
    const message = `The login item starts ${path}, which is not there any more: Node.js or spacepack was moved or upgraded.`;
    return diagnosis('broken', message, INSTALL_AGAIN);
  }
  const moved = recorded.node !== now.node || recorded.script !== now.script;
  if (!moved) return diagnosis('good', `It starts ${recorded.node}.`);
  const message = `It starts ${recorded.node} ${recorded.script}, but this is ${now.node} ${now.script}.`;
  return diagnosis('note', message, INSTALL_AGAIN);
}
