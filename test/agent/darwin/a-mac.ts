import type { AgentComputer } from '../../../src/agent/agent-computer.ts';
import { createVirtualClock } from '../../fake-volume/memory/virtual-clock.ts';
import { aComputer, MISSING } from '../a-computer.ts';
import { createLaunchd, type Launchd, type Manners } from '../launchd.ts';

/** A Mac in virtual time with a launchd of these habits. */
export function aMac(manners: Manners = {}): { readonly machine: AgentComputer; readonly launchd: Launchd } {
  const clock = createVirtualClock();
  const launchd = createLaunchd(clock, manners);
  const run: AgentComputer['run'] = async (program, args) =>
    program === 'launchctl' ? launchd.launchctl(args) : MISSING;
  return { machine: aComputer({ platform: 'darwin', uid: manners.uid ?? 501, clock, run }), launchd };
}

export const WISH = {
  program: { node: '/opt/node/bin/node', script: '/opt/space & pack/main.js' },
  variables: {},
  hours: 24,
  logFolder: '/Users/me/Library/Logs/spacepack',
} as const;
