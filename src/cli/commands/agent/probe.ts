import { carriedVariables } from '../../../agent/carried-variables.ts';
import { privacyProbe } from '../../../agent/darwin/privacy.ts';
import { type ProbeFinding, probeAccess } from '../../../agent/probe.ts';
import { writeWhole } from '../../../computer/own-disk.ts';
import { asTyped } from '../../../computer/working-folder.ts';
import { openWorld, rootOption } from '../../device/open-world.ts';
import { answered, resultOf } from '../../talk/result.ts';
import { type Command, type CommandContext, defineCommand } from '../command.ts';
import { carryOutPlan } from './login-item.ts';

const SILENT: ProbeFinding = {
  access: 'unclear',
  message: 'launchd started the job, but the job reported nothing within a minute: macOS may be asking for access.',
  remedy: 'Answer the question on the screen, and run `spacepack agent probe` again.',
};

/** Probes with a launchd job: this process may have access that the login item does not have. */
async function probeByJob(context: CommandContext): Promise<ProbeFinding> {
  const machine = await context.io.openMachine();
  const { variables } = carriedVariables(machine.variables);
  const wish = { program: await machine.program(), variables, hours: 24, logFolder: await machine.logDirectory() };
  const { steps, finding } = await privacyProbe(machine, wish);
  await carryOutPlan({ steps, advice: [] }, machine, context, false);
  return (await finding()) ?? SILENT;
}

export const agentProbe: Command = defineCommand({
  name: 'probe',
  description: 'Find out whether the login item may read the device',
  positionals: {},
  options: {
    ...rootOption,
    write: {
      type: 'string',
      requiresArg: true,
      describe: 'Probe in this process, and write the finding to a file',
    },
  },
  examples: [['$0 agent probe', 'Whether the login item may read the device that is plugged in']],
  epilogue: 'macOS grants access to each program separately, so on macOS a launchd job does the probing.',
  async run(args, context) {
    const byJob = context.io.platform === 'darwin' && args.write === undefined && args.root === undefined;
    const finding = byJob
      ? await probeByJob(context)
      : await probeAccess(await openWorld(context, args), context.io.families);
    if (args.write !== undefined) await writeWhole(asTyped(args.write), `${JSON.stringify(finding)}\n`);
    context.speaker.tell({ event: 'access', device: null, ...finding });
    if (finding.access === 'denied') {
      return resultOf('volume-permission', { message: finding.message, remedy: finding.remedy });
    }
    context.speaker.page([[`${finding.message} ${finding.remedy}`.trim()]]);
    return answered(finding.message);
  },
});
