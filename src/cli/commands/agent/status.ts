import { agentFolder } from '../../../agent/agent-computer.ts';
import { AGENT_KEYS, type AgentKey, type AgentSettings, shownSetting } from '../../../agent/agent-settings.ts';
import type { Diagnosis } from '../../../agent/diagnosis.ts';
import { type LastRun, loadLastRun } from '../../../agent/last-run.ts';
import { type LoginItemState, NOT_INSTALLED } from '../../../agent/login-item.ts';
import { requireOwnSettings } from '../../../agent/own-settings.ts';
import { loginItemOf } from '../../../agent/systems.ts';
import { underWayDiagnoses } from '../../../agent/under-way.ts';
import { toSpacepackError } from '../../../protocol/errors.ts';
import { attemptsIn, attemptText, type DeviceAttempt } from '../../history/attempts.ts';
import { openJournal } from '../../history/journal.ts';
import { loadSettings } from '../../settings/settings.ts';
import type { AgentFacts } from '../../talk/agent-events.ts';
import { answered } from '../../talk/result.ts';
import type { Line } from '../../text/line.ts';
import { alignPairs } from '../../text/table.ts';
import { type Command, defineCommand } from '../command.ts';

const SHOWN_ATTEMPTS = 10;

function settingsShown(settings: AgentSettings): Readonly<Record<AgentKey, string>> {
  const shown = (key: AgentKey): string => shownSetting(settings, key);
  return {
    channel: shown('channel'),
    policy: shown('policy'),
    'quiet-hours': shown('quiet-hours'),
    'least-battery': shown('least-battery'),
    interval: shown('interval'),
  };
}

function factsOf(state: LoginItemState, settings: AgentSettings, lastRun: LastRun | null): AgentFacts {
  const { installed, active, program } = state;
  const { node = null, script = null } = program ?? {};
  return { installed, active, node, script, settings: settingsShown(settings), lastRun };
}

function headline({ installed, active }: AgentFacts): string {
  if (!installed) return 'not installed';
  return active ? 'installed and active' : 'installed, but the system does not start it';
}

function statusText(
  facts: AgentFacts,
  diagnoses: readonly Diagnosis[],
  attempts: readonly DeviceAttempt[],
): readonly Line[] {
  const { settings, lastRun } = facts;
  const troubles = diagnoses.filter(({ state }) => state !== 'good');
  return [
    ...alignPairs([
      ['login item', { text: headline(facts), tone: 'strong' }],
      ...AGENT_KEYS.map((key) => [key, settings[key] || '(not set)'] as const),
      ['last run', lastRun === null ? 'none' : `${lastRun.at}: ${lastRun.message}`],
      ...(lastRun?.devices ?? []).map(({ device, to, message }) => [device, `${to ?? ''} ${message}`.trim()] as const),
    ]),
    ...troubles.map(
      ({ state, message, remedy }): Line => [
        { text: `${state}: `, tone: state === 'broken' ? 'bad' : 'doubtful' },
        `${message} ${remedy}`.trim(),
      ],
    ),
    ...attempts.map(attemptText),
  ];
}

export const agentStatus: Command = defineCommand({
  name: 'status',
  description: 'Show the state of the login item and its last outcomes',
  positionals: {},
  options: {},
  examples: [['$0 agent status --json', 'For programs: `agent`, `finding` and `attempt` events']],
  epilogue: `Shows the state of the login item, its last run, and the last ${SHOWN_ATTEMPTS} outcomes.`,
  async run(_, { io, speaker }) {
    const machine = await io.openMachine();
    const { agent: settings, path } = await loadSettings(io);
    const state = (await (await loginItemOf(machine))?.inspect()) ?? NOT_INSTALLED;
    const facts = factsOf(state, settings, await loadLastRun(await agentFolder(machine)));
    const loose = settings.policy === 'auto' ? await requireOwnSettings(path, machine).then(() => [], asDiagnosis) : [];
    const stuck = await underWayDiagnoses(await agentFolder(machine), machine.date());
    const diagnoses = [...state.diagnoses, ...loose, ...stuck];
    const attempts = attemptsIn(await openJournal(machine).entries()).slice(-SHOWN_ATTEMPTS);
    speaker.tell({ event: 'agent', device: null, ...facts });
    for (const each of diagnoses) speaker.tell({ event: 'finding', device: null, ...each });
    for (const each of attempts) speaker.tell({ event: 'attempt', ...each });
    speaker.page(statusText(facts, diagnoses, attempts));
    return answered(`The login item is ${headline(facts)}.`);
  },
});

function asDiagnosis(thrown: unknown): readonly Diagnosis[] {
  const { message, remedy } = toSpacepackError(thrown);
  return [{ topic: 'login-item', state: 'broken', message, remedy }];
}
