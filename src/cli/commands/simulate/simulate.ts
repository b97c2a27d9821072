import { type Scenario, scenarioOf, scenarios } from '../../../../test/fake-volume/index.ts';
import { SpacepackError } from '../../../protocol/errors.ts';
import { nearest } from '../../parse/suggest.ts';
import { answered, type Result } from '../../talk/result.ts';
import { alignColumns } from '../../text/table.ts';
import { type Command, type CommandContext, defineCommand } from '../command.ts';
import { createColumnsVoice } from './columns-voice.ts';
import { keepAlive } from './live.ts';
import { play } from './play.ts';

function listScenarios({ speaker }: CommandContext): Result {
  for (const { name, title } of scenarios) speaker.tell({ event: 'scenario', device: null, name, title });
  speaker.page(alignColumns(scenarios.map(({ name, title }) => [{ text: name, tone: 'strong' }, title])));
  return answered(`${scenarios.length} scenarios.`);
}

async function requireScenario(name: string): Promise<Scenario> {
  const scenario = scenarioOf(name);
  if (scenario !== undefined) return scenario;
  const near = await nearest(
    name,
    scenarios.map((candidate) => candidate.name),
  );
  const hint = near === null ? '' : ` Did you mean "${near}"?`;
  throw new SpacepackError('usage', `Expected a scenario, found "${name}".${hint}`, {
    remedy: '`spacepack simulate --list` lists them.',
  });
}

export const simulate: Command = defineCommand({
  name: 'simulate',
  description: 'Run the real update on a simulated device; no hardware is needed',
  positionals: {
    scenario: { type: 'string', default: 'healthy', describe: 'What happens to the device; --list lists all' },
  },
  options: {
    list: { type: 'boolean', describe: 'List the scenarios' },
    instant: { type: 'boolean', describe: 'In memory and in virtual time: takes no time' },
    root: {
      type: 'string',
      requiresArg: true,
      describe: 'Keep the device plugged in below DIR until Ctrl-C, to try the other commands on it',
    },
  },
  examples: [
    ['$0 simulate', 'A whole update, both sides shown'],
    ['$0 simulate failed-flash --instant', 'How a failure looks'],
    ['$0 simulate --root /tmp/bus', 'A device for `spacepack update ... --root /tmp/bus`'],
  ],
  epilogue:
    'The update is real; only the device is simulated, and it verifies signatures as a real one must. The exit status is ' +
    'that of the update.',
  people: createColumnsVoice,
  async run({ scenario: name, list, instant, root }, context) {
    if (list) return listScenarios(context);
    const scenario = await requireScenario(name);
    if (root !== undefined) return keepAlive(scenario, root, context);
    return play(scenario, instant ?? false, context);
  },
});
