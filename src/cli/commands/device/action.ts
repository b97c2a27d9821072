import { act } from '../../../devices/act.ts';
import { SpacepackError } from '../../../protocol/errors.ts';
import type { DeviceAction, Family } from '../../../protocol/family.ts';
import { FAULTS } from '../../../protocol/faults.ts';
import { chooseSeen, deviceOptions } from '../../device/choose-devices.ts';
import { openWorld, rootOption } from '../../device/open-world.ts';
import { canAsk, requireYes } from '../../talk/ask.ts';
import { answered, type Result, resultOf } from '../../talk/result.ts';
import { alignPairs } from '../../text/table.ts';
import { type Command, type CommandContext, defineCommand } from '../command.ts';

const CODES = { done: 'action-done', acted: 'action-unproven', 'not-shown': 'action-unproven' } as const;

function listed(device: string, { actions }: Family, { speaker }: CommandContext): Result {
  const all = actions?.all ?? [];
  for (const { name, description } of all) {
    speaker.tell({ event: 'finding', device, topic: name, state: 'note', message: `${description}.`, remedy: '' });
  }
  speaker.page(alignPairs(all.map(({ name, description }) => [name, description])));
  return answered(all.length === 1 ? '1 action.' : `${all.length} actions.`, { device });
}

async function requireConsent(
  device: string,
  { name, warning }: DeviceAction,
  isAgreed: boolean,
  context: CommandContext,
): Promise<void> {
  if (warning === null || isAgreed) return;
  if (canAsk(context)) return requireYes(context, [[`${name} on ${device}: ${warning}`]]);
  throw new SpacepackError('usage', `Expected --yes for ${name}, found none. ${warning}`);
}

export const action: Command = defineCommand({
  name: 'action',
  description: 'Tell a device to do something other than an update; without a name, list what it can do',
  usesDevices: true,
  positionals: { name: { type: 'string', describe: 'What to do' } },
  options: {
    ...deviceOptions,
    ...rootOption,
    yes: { type: 'boolean', alias: 'y', describe: 'Do not ask before an action that is hard to take back' },
  },
  examples: [
    ['$0 action', 'What the only device that is plugged in can do'],
    ['$0 action refresh --device 0240', 'Do it, and wait until the device shows that it did'],
  ],
  epilogue: 'Exit status: 0 the device shows that it did it, 6 it would not do it, 9 not known.',
  async run(args, context) {
    const environment = await openWorld(context, args);
    const [sight] = await chooseSeen(environment, context.io.families, args);
    const { id, family } = sight;
    if (args.name === undefined) return listed(id, family, context);
    const known = family.actions?.all ?? [];
    const wanted = known.find(({ name }) => name === args.name);
    if (wanted === undefined) {
      const names = known.map(({ name }) => name).join(', ') || 'none';
      throw new SpacepackError('usage', `Expected an action of a ${family.name} (${names}), found another name.`);
    }
    await requireConsent(id, wanted, args.yes ?? false, context);
    const acted = await act(environment, sight, wanted);
    const code = CODES[acted];
    const more = acted === 'acted' ? ' It acted on it, but does not report with what result.' : '';
    return resultOf(code, { device: id, message: `${FAULTS[code].meaning}${more}` });
  },
});
