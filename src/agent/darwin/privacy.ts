import { join } from 'node:path';
import { readText } from '../../computer/own-disk.ts';
import { parseJson } from '../../protocol/shapes.ts';
import type { AgentComputer } from '../agent-computer.ts';
import type { Wish } from '../login-item.ts';
import { isProbeFinding, type ProbeFinding } from '../probe.ts';
import type { Step } from '../steps.ts';
import { PROBE_LABEL, probeJobText } from './launch-agent.ts';
import { createLaunchctl } from './launchctl.ts';

/** A macOS prompt blocks the job until it is answered; the person has this long, in ms. */
const PATIENCE_MS = 60_000;
const LOOK_MS = 250;

/**
 * What a launchd job found, and the steps that run it: macOS treats only a launchd job as it will treat the login item.
 */
export interface PrivacyProbe {
  readonly steps: readonly Step[];
  /** `null` until the steps are done, or if the job did not answer in time. */
  finding(): Promise<ProbeFinding | null>;
}

/** Looks at the devices with a one-shot launchd job, which leaves nothing behind. */
export async function privacyProbe(computer: AgentComputer, wish: Wish): Promise<PrivacyProbe> {
  const launchctl = createLaunchctl(computer);
  const folder = join(await computer.stateDirectory(), 'agent');
  const job = join(folder, `${PROBE_LABEL}.plist`);
  const answer = join(folder, 'probe.json');
  let found: ProbeFinding | null = null;

  async function lookUntilSaid(): Promise<void> {
    await launchctl.bootstrap(PROBE_LABEL, job);
    const deadline = computer.clock.now() + PATIENCE_MS;
    for (;;) {
      found = parseJson(await readText(answer).catch(() => ''), isProbeFinding);
      if (found !== null || computer.clock.now() >= deadline) return;
      await computer.clock.sleep(LOOK_MS);
    }
  }
  return {
    steps: [
      { kind: 'remove', path: answer },
      { kind: 'folder', path: wish.logFolder },
      { kind: 'write', path: job, content: await probeJobText(wish, computer.home, answer) },
      {
        kind: 'run',
        program: 'launchctl',
        args: ['bootstrap', launchctl.domain, job],
        perform: lookUntilSaid,
      },
      {
        kind: 'run',
        program: 'launchctl',
        args: ['bootout', launchctl.target(PROBE_LABEL)],
        perform: () => launchctl.bootout(PROBE_LABEL),
      },
      { kind: 'remove', path: job },
      { kind: 'remove', path: answer },
    ],
    finding: async () => found,
  };
}
