import { ping } from '../../../devices/update.ts';
import { allOption, chooseDevices, deviceOptions } from '../../device/choose-devices.ts';
import { capOf, follow, timeoutOption } from '../../device/follow-runs.ts';
import { openWorld, rootOption } from '../../device/open-world.ts';
import { loadSettings } from '../../settings/settings.ts';
import { PING_ORDER } from '../../talk/bar/phases.ts';
import { sumUp } from '../../talk/sum-up.ts';
import { type Command, defineCommand } from '../command.ts';

export const pingCommand: Command = defineCommand({
  name: 'ping',
  description: 'Make a device leave and come back: tests the whole path, changes nothing',
  usesDevices: true,
  positionals: {},
  options: { ...deviceOptions, ...allOption, ...rootOption, ...timeoutOption },
  examples: [['$0 ping', 'The device leaves, comes back and answers: the whole path works']],
  parts: PING_ORDER,
  epilogue: 'Does not touch the firmware. Also refreshes what the device says about its battery.',
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
