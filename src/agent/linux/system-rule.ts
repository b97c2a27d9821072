import { isThere } from '../../computer/own-disk.ts';
import { SpacepackError } from '../../protocol/errors.ts';
import type { AgentComputer } from '../agent-computer.ts';
import type { Plan } from '../login-item.ts';
import { type Step, writeUnlessSame } from '../steps.ts';
import { RULE_PATH, udevRuleText } from './udev-rule.ts';

/** Like all of root's files below /etc that are not secret. */
const EVERYBODY_READS = 0o644;
const RELOAD: Step = { kind: 'run', program: 'udevadm', args: ['control', '--reload'] };

function requireRoot({ platform, uid }: AgentComputer, dryRun: boolean): void {
  if (platform !== 'linux') {
    throw new SpacepackError('usage', `Expected --system on Linux, found ${platform}, where root has nothing to do.`);
  }
  if (uid === 0 || dryRun) return;
  throw new SpacepackError('usage', `Expected root for --system, found the user ${uid}.`, {
    remedy: 'Use sudo, or write the rule that `spacepack agent install --dry-run` shows by hand.',
  });
}

/** What root does once for all users on a Linux computer. Rejects with `usage`. */
export async function planSystemRule(
  computer: AgentComputer,
  dryRun: boolean,
  path: string = RULE_PATH,
): Promise<Plan> {
  requireRoot(computer, dryRun);
  const write = await writeUnlessSame(path, udevRuleText(computer.families), EVERYBODY_READS);
  return { steps: write.length === 0 ? [] : [...write, RELOAD], advice: [] };
}

/** Undoes the same. */
export async function planSystemRuleRemoval(
  computer: AgentComputer,
  dryRun: boolean,
  path: string = RULE_PATH,
): Promise<Plan> {
  requireRoot(computer, dryRun);
  return { steps: (await isThere(path)) ? [{ kind: 'remove', path }, RELOAD] : [], advice: [] };
}
