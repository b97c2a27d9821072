import { ping } from '../../devices/update.ts';
import { PING_ORDER } from '../bar/phases.ts';
import { type Command, defineCommand } from '../command.ts';
import { capOf, chooseDevices } from '../devices.ts';
import { openWorld } from '../open-world.ts';
import { allOption, deviceOptions, rootOption, timeoutOption } from '../options.ts';
import { follow } from '../runs.ts';
import { loadSettings } from '../settings.ts';
import { sumUp } from '../sum-up.ts';

export const pingCommand: Command = defineCommand({
  positionals: {},
  options: { ...deviceOptions, ...allOption, ...rootOption, ...timeoutOption },
  examples: [['$0 ping', 'Leaves, comes back, echoes: the whole path works']],
  parts: PING_ORDER,
  epilogue: 'The firmware is not touched. It also refreshes what the device says of its battery.',
  async run(args, context) {
    const { cancel, abandon } = context.interrupts;
    const { timeoutSeconds } = await loadSettings(context.io);
    const environment = await openWorld(context, args);
    const devices = await chooseDevices(environment, context.io.families, args);
    const limits = { ...capOf(args.timeout, timeoutSeconds), cancel, abandon };
    const runs = devices.map(({ target }) => ({ device: target.name, reports: ping(environment, target, limits) }));
    return sumUp(await follow(runs, context));
  },
});
