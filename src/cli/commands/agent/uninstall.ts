import { planSystemRuleRemoval } from '../../../agent/linux/system-rule.ts';
import { type Command, defineCommand } from '../command.ts';
import { carryOutPlan, NOTHING_CHANGED, requireLoginItem, tellAnswer } from './login-item.ts';

export const agentUninstall: Command = defineCommand({
  name: 'uninstall',
  description: 'Remove the login item',
  positionals: {},
  options: {
    system: { type: 'boolean', describe: 'Linux, as root: only the udev rule' },
    'dry-run': { type: 'boolean', describe: 'Show every file and every command, change nothing' },
  },
  examples: [['$0 agent uninstall', 'Devices are no longer kept up to date automatically']],
  epilogue: 'Settings, history and the trust root of the channel are kept.',
  async run(args, context) {
    const dryRun = args['dry-run'] ?? false;
    const machine = await context.io.openMachine();
    const item = await requireLoginItem(machine);
    const plan = args.system ? await planSystemRuleRemoval(machine, dryRun) : await item.uninstall();
    await carryOutPlan(plan, machine, context, dryRun);
    if (dryRun) return tellAnswer(context, NOTHING_CHANGED);
    return tellAnswer(context, plan.steps.length === 0 ? 'There was no login item.' : 'The login item was removed.');
  },
});
