import type { AgentComputer } from '../../../agent/agent-computer.ts';
import { agentFolder } from '../../../agent/agent-computer.ts';
import { type LastRun, saveLastRun } from '../../../agent/last-run.ts';
import { createLog } from '../../../agent/log.ts';
import { createNotifier } from '../../../agent/notifier.ts';
import { requireOwnSettings } from '../../../agent/own-settings.ts';
import type { AgentSummary } from '../../../agent/reports.ts';
import { type AgentWorld, runOnce } from '../../../agent/run-once.ts';
import { silenceMemory } from '../../../agent/silence.ts';
import { clearUnderWay, isTooLong, noteUnderWay, UNDER_WAY_REMEDY } from '../../../agent/under-way.ts';
import { messageOf, SpacepackError, toSpacepackError } from '../../../protocol/errors.ts';
import { capOf } from '../../device/follow-runs.ts';
import { openWorld, rootOption } from '../../device/open-world.ts';
import { openJournal } from '../../history/journal.ts';
import { makerKeys } from '../../image/maker-keys.ts';
import { loadSettings } from '../../settings/settings.ts';
import { PART_ORDER } from '../../talk/bar/phases.ts';
import { answered, type CommandResult, type Result, resultOfOutcome } from '../../talk/result.ts';
import { sumUp } from '../../talk/sum-up.ts';
import { type Command, type CommandContext, defineCommand } from '../command.ts';
import { openAgentChannel, requireChannel, whenAsked } from './agent-channel.ts';
import { followAgent } from './follow-agent.ts';
import { deviceText, runText, summaryText } from './run-text.ts';

interface RunArgs {
  readonly root?: string | undefined;
  readonly now?: boolean | undefined;
}

async function surroundingsOf(machine: AgentComputer, args: RunArgs, context: CommandContext): Promise<AgentWorld> {
  const { io, interrupts } = context;
  const settings = await loadSettings(io);
  const wanted = args.now ?? false;
  const url = requireChannel(settings.agent.channel);
  if (settings.agent.policy === 'auto' && !wanted) await requireOwnSettings(settings.path, machine);
  return {
    environment: await openWorld(context, args),
    families: io.families,
    channel: whenAsked(() => openAgentChannel(machine, context, url)),
    publicKeys: await makerKeys([], settings, io.families),
    limits: { ...capOf(undefined, settings.timeoutSeconds), cancel: interrupts.cancel, abandon: interrupts.abandon },
    settings: settings.agent,
    journal: openJournal(machine),
    notifier: createNotifier(machine.platform, machine.run),
    silence: silenceMemory(() => agentFolder(machine)),
    wanted,
    mounts: machine.platform === 'linux',
  };
}

function lastRunOf({ devices }: AgentSummary, { code, message }: Pick<Result, 'code' | 'message'>, at: Date): LastRun {
  const lines = devices.map(({ device, standing, from, to, message: said }) => ({
    device,
    standing,
    from,
    to,
    message: said,
  }));
  return { at: at.toISOString(), code, message, devices: lines };
}

function resultFor(summary: AgentSummary): Result | CommandResult {
  const results = summary.devices.flatMap(({ outcome, device }) =>
    outcome === null ? [] : resultOfOutcome(outcome, device),
  );
  return results.length > 0 ? sumUp(results) : answered(summaryText(summary));
}

/** Saves the log and the last run. Never rejects: a failure to save does not change how the run ended. */
async function keep(
  machine: AgentComputer,
  summary: AgentSummary,
  result: Result | CommandResult,
  { speaker }: CommandContext,
): Promise<void> {
  const now = machine.date();
  try {
    await clearUnderWay(await agentFolder(machine));
    const log = createLog(await machine.logDirectory());
    await log.add([...summary.devices.map(deviceText), `${result.verdict} (${result.code}): ${result.message}`], now);
    await saveLastRun(await agentFolder(machine), lastRunOf(summary, result, now));
  } catch (thrown) {
    const message = `The last run could not be saved: ${toSpacepackError(thrown).message}`;
    speaker.tell({ event: 'notice', device: null, code: 'computer', message });
  }
}

const NOTHING: AgentSummary = { devices: [], channel: null };

/** Whether another run of the login item is already doing what this one would do. */
const isUnderWay = (thrown: unknown): boolean => thrown instanceof SpacepackError && thrown.code === 'device-locked';

/** The other run does what this one would do, unless it has been at it for too long. Rejects with `device-locked` then. */
async function yieldTo(thrown: unknown, machine: AgentComputer): Promise<Result> {
  const since = await noteUnderWay(await agentFolder(machine), machine.date());
  if (!isTooLong(since, machine.date())) return answered('Another run of the login item is under way.');
  const message = `It has been so since ${since.toISOString()} or longer: ${messageOf(thrown)}`;
  throw new SpacepackError('device-locked', message, { cause: thrown, remedy: UNDER_WAY_REMEDY });
}

async function run(args: RunArgs, context: CommandContext): Promise<Result | CommandResult> {
  const machine = await context.io.openMachine();
  try {
    const summary = await followAgent(runOnce(await surroundingsOf(machine, args, context)), context);
    const result = resultFor(summary);
    await keep(machine, summary, result, context);
    context.speaker.page(runText(summary));
    return result;
  } catch (thrown) {
    if (isUnderWay(thrown)) return yieldTo(thrown, machine);
    const { code, message, fault } = toSpacepackError(thrown);
    const told = { ...answered(`${fault.meaning} ${message}`), code, verdict: fault.verdict };
    await keep(machine, NOTHING, told, context);
    throw thrown;
  }
}

export const agentRun: Command = defineCommand({
  name: 'run',
  description: 'Do one run: look for devices, ask the channel, follow the policy',
  positionals: {},
  options: {
    ...rootOption,
    once: { type: 'boolean', describe: 'No effect, for clarity only: every run ends by itself' },
    now: {
      type: 'boolean',
      describe: 'Install newer firmware now, regardless of policy, quiet hours and earlier failures',
    },
  },
  examples: [
    ['$0 agent run --once', 'What the system starts: look for devices, ask the channel, follow the policy'],
    ['$0 agent run --once --now', 'Install newer firmware now'],
  ],
  parts: PART_ORDER,
  epilogue:
    'The exit status is 0 if there was nothing to do or all was done; else that of the worst update, or of the channel: 5 it ' +
    'cannot be trusted, 6 it could not be reached. It is 10 if another run has been under way for twelve hours or longer. The ' +
    'channel is asked only if a device is plugged in.',
  run,
});
