import { createDropWorld } from '../../../../test/fake-volume/families/drop-world.ts';
import { type Course, deviceFor, imageFor } from '../../../../test/fake-volume/families/from-profile.ts';
import { select } from '../../../devices/select.ts';
import { finish, update } from '../../../devices/update.ts';
import { checkImage } from '../../../image/check.ts';
import { readable } from '../../../image/open-image.ts';
import { memoryPayload } from '../../../image/payload.ts';
import type { FaultCode } from '../../../protocol/faults.ts';
import { FAULTS } from '../../../protocol/faults.ts';
import { profileFamily } from '../../../protocol/profile/family.ts';
import type { Profile, ProfileVerdict } from '../../../protocol/profile/profile.ts';
import { loadProfiles } from '../../profiles/load.ts';
import { answered, resultOf } from '../../talk/result.ts';
import { alignColumns } from '../../text/table.ts';
import { type Command, type CommandContext, defineCommand } from '../command.ts';
import { FILE } from './check.ts';

const CODES: Readonly<Record<ProfileVerdict, FaultCode>> = {
  applied: 'applied',
  written: 'written',
  rejected: 'rejected-other',
  failed: 'failed-other',
};

/** The real update on a device that does what one rule describes. */
async function play(profile: Profile, course: Course): Promise<FaultCode> {
  const family = profileFamily(profile);
  const payload = memoryPayload(`new.${profile.image.extension}`, imageFor(profile));
  const image = readable(payload, await checkImage(payload, [family]));
  const { environment } = createDropWorld(deviceFor(profile, course));
  const [{ target }] = await select(environment, [family]);
  return (await finish(update(environment, target, image))).code;
}

interface Tried {
  readonly name: string;
  readonly expected: string;
  readonly found: FaultCode;
  readonly ok: boolean;
}

async function tryAll(profile: Profile): Promise<readonly Tried[]> {
  const tried: Tried[] = [];
  for (const [index, rule] of profile.verdicts.entries()) {
    const [expected, found] = [CODES[rule.is], await play(profile, rule)];
    tried.push({ name: `verdict[${index + 1}]`, expected, found, ok: found === expected });
  }
  const found = await play(profile, 'silent');
  // A device whose flash memory is what is read back cannot be silent about it.
  if (!profile.write.isOver) {
    tried.push({ name: 'silent', expected: 'not known', found, ok: FAULTS[found].verdict === 'indeterminate' });
  }
  return tried;
}

function tell(profile: Profile, tried: readonly Tried[], { speaker }: CommandContext): void {
  for (const { name, expected, found, ok } of tried) {
    const message = `Expected ${expected}, found ${found}.`;
    const [topic, state] = [`${profile.id} ${name}`, ok ? ('good' as const) : ('broken' as const)];
    speaker.tell({ event: 'finding', device: null, topic, state, message, remedy: '' });
  }
  speaker.page([[{ text: `${profile.name} (${profile.id})`, tone: 'strong' }]]);
  speaker.page(
    alignColumns(
      tried.map(({ name, expected, found, ok }) => [
        `  ${name}`,
        `expected ${expected}`,
        ok ? { text: `found ${found}`, tone: 'good' } : { text: `found ${found}`, tone: 'bad' },
      ]),
    ),
  );
}

export const profileTry: Command = defineCommand({
  name: 'try',
  description: 'Run real updates on a simulated device that is made from the profile',
  positionals: { file: { type: 'string', demandOption: true, describe: FILE } },
  options: {},
  examples: [['$0 profile try my-board.toml', 'Each rule, and a device that says nothing']],
  epilogue:
    'The device is made from the same profile: this proves the logic of the profile, and nothing about the real device. ' +
    'The exit status is 2 if a rule does not lead to its own verdict, for example because an earlier one always comes first.',
  async run({ file }, context) {
    let failed = 0;
    for (const { profile } of await loadProfiles([file], context.io.families)) {
      const tried = await tryAll(profile);
      tell(profile, tried, context);
      failed += tried.filter(({ ok }) => !ok).length;
    }
    if (failed > 0) {
      return resultOf('profile-invalid', {
        message: `Expected every rule to lead to its own verdict, found ${failed} that do not.`,
      });
    }
    return answered('The logic of the profile holds. This proves nothing about the real device.');
  },
});
