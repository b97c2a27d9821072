import type { AgentComputer } from '../../../agent/agent-computer.ts';
import { carriedVariables } from '../../../agent/carried-variables.ts';
import { privacyProbe } from '../../../agent/darwin/privacy.ts';
import { planSystemRule } from '../../../agent/linux/system-rule.ts';
import type { Plan, Wish } from '../../../agent/login-item.ts';
import { requireOwnSettings } from '../../../agent/own-settings.ts';
import { hoursBetweenRuns } from '../../../agent/quiet-hours.ts';
import { writeUnlessSame } from '../../../agent/steps.ts';
import { SpacepackError } from '../../../protocol/errors.ts';
import { loadSettings, type Settings } from '../../settings/settings.ts';
import { type Result, resultOf } from '../../talk/result.ts';
import { type Command, type CommandContext, defineCommand } from '../command.ts';
import { openAgentChannel, readTrustRoot, requireChannel } from './agent-channel.ts';
import { type Changes, changeSettings } from './change-settings.ts';
import { carryOutPlan, NOTHING_CHANGED, requireLoginItem, tellAnswer } from './login-item.ts';

interface InstallArgs {
  readonly channel?: string | undefined;
  readonly trust?: string | undefined;
  readonly policy?: string | undefined;
  readonly 'by-hand'?: boolean | undefined;
  readonly offline?: boolean | undefined;
  readonly 'dry-run'?: boolean | undefined;
}

/** The system does not start the runs: cron, a container or a person does. */
const BY_HAND: Plan = {
  steps: [],
  advice: ['Start it with your own scheduler, such as cron: spacepack agent run --once'],
};

const changesOf = ({ channel, policy }: InstallArgs): Changes => [
  ...(channel === undefined ? [] : ([['channel', channel]] as const)),
  ...(policy === undefined ? [] : ([['policy', policy]] as const)),
];

/**
 * Pins the trust root and asks the channel once, so that a wrong address and any lasting fault show now. Rejects as a
 * check does. A channel that was heard before need not be reached again.
 */
async function proveChannel(
  machine: AgentComputer,
  context: CommandContext,
  url: string,
  { trust, offline = false }: InstallArgs,
): Promise<void> {
  const channel = await openAgentChannel(machine, context, url, await readTrustRoot(trust));
  if (offline) return;
  try {
    const { freshness, expiresAt, requests } = await channel.check(context.interrupts.cancel);
    const event = { event: 'channel', device: null, freshness, expiresAt: expiresAt.toISOString(), requests } as const;
    context.speaker.tell(event);
  } catch (thrown) {
    if (!(thrown instanceof SpacepackError) || thrown.code !== 'channel-unreachable') throw thrown;
    throw new SpacepackError('channel-unreachable', thrown.message, { cause: thrown, remedy: UNPROVEN_REMEDY });
  }
}

const UNPROVEN_REMEDY =
  'Check the address and the network, and install again. If there is no network now and you are sure of the address, add --offline.';

const WITHHELD_REMEDY =
  'Name a proxy without a password, or let the system set it for you alone: on Linux in ~/.config/environment.d, mode 0600; on ' +
  'macOS with `launchctl setenv`.';

async function wishOf(machine: AgentComputer, { agent }: Settings, { speaker }: CommandContext): Promise<Wish> {
  const { variables, withheld } = carriedVariables(machine.variables);
  for (const name of withheld) {
    const message = `${name} is not passed to the login item: it holds a password, or something that a file cannot hold. ${WITHHELD_REMEDY}`;
    speaker.tell({ event: 'notice', device: null, code: 'computer', message });
  }
  return {
    program: await machine.program(),
    variables,
    hours: hoursBetweenRuns(agent.intervalHours, agent.quietHours),
    logFolder: await machine.logDirectory(),
  };
}

/** On macOS only a launchd job gets the same question for access as the login item. `null`: nothing is in the way. */
async function probe(
  machine: AgentComputer,
  wish: Wish,
  context: CommandContext,
  dryRun: boolean,
): Promise<Result | null> {
  if (machine.platform !== 'darwin') return null;
  const { steps, finding } = await privacyProbe(machine, wish);
  await carryOutPlan({ steps, advice: [] }, machine, context, dryRun);
  const found = await finding();
  if (found === null) return null;
  context.speaker.tell({ event: 'access', device: null, ...found });
  if (found.access !== 'denied') {
    context.speaker.page([[`access  ${found.message} ${found.remedy}`.trim()]]);
    return null;
  }
  const message = `The login item is installed, but is not allowed to read the device. ${found.message}`;
  return resultOf('not-ready', { message, remedy: found.remedy });
}

async function install(args: InstallArgs, context: CommandContext): Promise<Result> {
  const machine = await context.io.openMachine();
  const dryRun = args['dry-run'] ?? false;
  const item = args['by-hand'] ? null : await requireLoginItem(machine);
  const before = await loadSettings(context.io);
  const changes = changesOf(args);
  const { text, settings } =
    changes.length > 0 ? await changeSettings(before, changes) : { text: '', settings: before };
  const url = requireChannel(settings.agent.channel);
  const wish = await wishOf(machine, settings, context);
  const { steps, advice } = item === null ? BY_HAND : await item.install(wish);
  if (!dryRun) await proveChannel(machine, context, url, args);
  const write = changes.length > 0 ? await writeUnlessSame(before.path, text) : [];
  await carryOutPlan({ steps: [...write, ...steps], advice }, machine, context, dryRun);
  if (!dryRun && settings.agent.policy === 'auto') await requireOwnSettings(settings.path, machine);
  const denied = steps.length > 0 ? await probe(machine, wish, context, dryRun) : null;
  if (denied !== null) return denied;
  if (dryRun) return tellAnswer(context, NOTHING_CHANGED);
  return tellAnswer(context, endText(item !== null, steps.length > 0, args.offline ?? false));
}

function endText(hasItem: boolean, isChanged: boolean, isOffline: boolean): string {
  const installed = isChanged ? 'The login item is installed.' : 'The login item was already installed.';
  if (isOffline) {
    const unproven = 'The channel was not asked (--offline), so it is not known whether its address is right.';
    return hasItem ? `${installed} ${unproven}` : `The trust root is pinned. ${unproven}`;
  }
  return hasItem ? installed : 'The channel is trusted; you decide when to ask it.';
}

async function installSystemRule(context: CommandContext, dryRun: boolean): Promise<Result> {
  const machine = await context.io.openMachine();
  const plan = await planSystemRule(machine, dryRun);
  await carryOutPlan(plan, machine, context, dryRun);
  if (dryRun) return tellAnswer(context, NOTHING_CHANGED);
  return tellAnswer(context, 'Plugging in a device now starts the login item of each user who has installed it.');
}

export const agentInstall: Command = defineCommand({
  name: 'install',
  description: 'Start a short run at login, when a device is plugged in, and daily',
  positionals: {},
  options: {
    channel: { type: 'string', requiresArg: true, describe: 'URL of the channel; default: the one in the settings' },
    trust: { type: 'string', requiresArg: true, describe: "The channel's trust root, root.json, as its maker gave it" },
    policy: {
      type: 'string',
      choices: ['notify', 'ask', 'auto'],
      describe: 'What to do about newer firmware (default notify)',
    },
    'by-hand': {
      type: 'boolean',
      describe: 'Only trust the channel and save the settings; you start the runs yourself',
    },
    offline: { type: 'boolean', describe: 'Do not ask the channel now: its address stays unproven' },
    system: {
      type: 'boolean',
      describe: 'Linux, as root: only the udev rule that starts it when a device is plugged in',
    },
    'dry-run': { type: 'boolean', describe: 'Show every file and every command, change nothing' },
  },
  examples: [
    ['$0 agent install --channel https://updates.example.com/ --trust root.json', 'Once'],
    ['$0 agent install --policy auto', 'Later, with other settings'],
    ['$0 agent install --dry-run', 'What would be written and run'],
  ],
  epilogue:
    'Nothing stays running: the system starts a short run at login, when a device is plugged in, and daily. Installing again ' +
    'is harmless.',
  async run(args, context) {
    return args.system ? installSystemRule(context, args['dry-run'] ?? false) : install(args, context);
  },
});
