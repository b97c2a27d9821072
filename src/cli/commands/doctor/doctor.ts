import { defaultStateDirectory } from '../../../computer/state-directory.ts';
import { openWorld, rootOption } from '../../device/open-world.ts';
import type { FindingState } from '../../talk/events.ts';
import { answered, resultOf } from '../../talk/result.ts';
import type { Line, Tone } from '../../text/line.ts';
import { alignColumns } from '../../text/table.ts';
import { type Command, type CommandContext, defineCommand } from '../command.ts';
import { checkNode, checkPlatform } from './computer.ts';
import type { Finding } from './finding.ts';
import { checkFlash } from './flash.ts';
import { checkLoginItem } from './login-item.ts';
import { checkHistory, checkLocks, checkRecords, checkSettings, checkStateFolder } from './own-files.ts';
import { checkDevices } from './plugged-in.ts';
import { checkSurroundings } from './surroundings.ts';
import { checkAutomounter, checkTools } from './tools.ts';

const TONES: Readonly<Record<FindingState, Tone>> = { good: 'good', note: 'doubtful', broken: 'bad' };

async function findings(context: CommandContext, root: string | undefined): Promise<readonly Finding[]> {
  const { io } = context;
  const state = await defaultStateDirectory();
  const machine = await io.openMachine();
  const found = await Promise.all([
    checkNode(process.version),
    checkPlatform(io.platform),
    checkSurroundings(machine),
    checkTools(machine),
    checkAutomounter(io.platform),
    checkSettings(io),
    checkStateFolder(state),
    checkRecords(state, io.families),
    checkHistory(machine),
    checkLocks(),
    checkLoginItem(machine),
    openWorld(context, { root }).then(async (environment) => [
      ...(await checkDevices(environment, io)),
      ...(await checkFlash(environment)),
    ]),
  ]);
  return found.flat();
}

function findingsText(found: readonly Finding[]): readonly Line[] {
  return alignColumns(
    found.map(({ topic, state, message, remedy }) => [
      { text: state, tone: TONES[state] },
      topic,
      remedy === '' ? message : `${message}. ${remedy}`.replace('.. ', '. '),
    ]),
  );
}

export const doctor: Command = defineCommand({
  name: 'doctor',
  description: 'Find out why something does not work',
  positionals: {},
  options: rootOption,
  examples: [['$0 doctor', 'Everything that an update depends on']],
  epilogue: 'Writes nothing to a device and mounts nothing. The exit status is 6 if something would stop an update.',
  async run({ root }, context) {
    const found = await findings(context, root);
    for (const finding of found) context.speaker.tell({ event: 'finding', device: null, ...finding });
    context.speaker.page(findingsText(found));
    const broken = found.filter(({ state }) => state === 'broken');
    if (broken.length === 0) return answered('Nothing stands in the way of an update.');
    return resultOf('not-ready', { message: `Something stands in the way of an update. ${broken[0]?.message}` });
  },
});
