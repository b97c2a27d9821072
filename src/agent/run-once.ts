import type { ChannelView } from '../channel/client.ts';
import { twinProblem } from '../devices/choose.ts';
import type { DeviceSight } from '../devices/find.ts';
import type { Outcome, Report } from '../engine/report.ts';
import { SpacepackError, toSpacepackError } from '../protocol/errors.ts';
import type { AgentSettings } from './agent-settings.ts';
import { isAbout, standingOf } from './back-off.ts';
import type { Supplies } from './install-release.ts';
import type { Journal } from './journal.ts';
import type { JournalEntry, News } from './journal-entry.ts';
import { lookInside, lookPatiently } from './look.ts';
import type { Notification, Notifier } from './notifier.ts';
import { type Decision, decide } from './policy.ts';
import { isQuiet } from './quiet-hours.ts';
import type { AgentReport, AgentSummary, ChannelSight, DeviceResult, DeviceStanding } from './reports.ts';
import { candidateOf, type Match, matchOf, pairOf } from './seek.ts';
import { isLongSilence, type SilenceMemory, silenceWords } from './silence.ts';
import { availableWords, givenUpWords, type Offer, outcomeWords, questionWords } from './words.ts';

/** Everything outside one run. */
export interface AgentWorld extends Supplies {
  readonly settings: AgentSettings;
  readonly journal: Journal;
  readonly notifier: Notifier;
  readonly silence: SilenceMemory;
  /** The person wants the newest release now, regardless of the policy, the hour and earlier attempts. */
  readonly wanted: boolean;
  /**
   * Whether to mount unmounted volumes in order to read them. Never if a mount starts the login item: it would restart
   * itself forever.
   */
  readonly mounts: boolean;
}

/**
 * Only one run of a user's login item goes on at a time, so that no two devices are updated at once. Each user has a
 * separate lock: another user's run may wait for an answer that nobody at the screen can give. No serial contains a
 * colon.
 */
const RUN_LOCK = `agent:run:${process.getuid?.() ?? process.env['USERNAME'] ?? ''}`;

/**
 * One run of the login item: looks for devices, asks the channel if there are any, and does what the policy says for
 * each, one after the other. Rejects with `listing-failed`, with `device-locked` (another run is going on), and with
 * the channel's errors.
 */
export async function* runOnce(world: AgentWorld): AsyncGenerator<AgentReport, AgentSummary> {
  const { environment, families, limits } = world;
  const release = await environment.locks.acquire(RUN_LOCK);
  try {
    const sights = await lookPatiently(environment, families, limits.cancel);
    if (sights.length === 0) return { devices: [], channel: null };
    const view = yield* askChannel(world);
    const channelSight = sightOf(view);
    yield { type: 'channel', sight: channelSight };
    const devices: DeviceResult[] = [];
    for (const each of sights) {
      if (limits.cancel?.aborted) throw new SpacepackError('interrupted', 'Called off before the next device.');
      const sight = { ...each, problem: twinProblem(each, sights) ?? each.problem };
      const result = yield* serve(world, sight, view);
      devices.push(result);
      yield { type: 'device', result };
    }
    return { devices, channel: channelSight };
  } finally {
    await release();
  }
}

/** Asks the channel, and tells the person if it has been silent for long. Rejects as the check does. */
async function* askChannel(world: AgentWorld): AsyncGenerator<AgentReport, ChannelView> {
  const { channel, limits } = world;
  let view: ChannelView;
  try {
    view = await channel.check(limits.cancel);
  } catch (thrown) {
    const failure = toSpacepackError(thrown);
    if (failure.code !== 'interrupted') yield* tellOfSilence(world, failure);
    throw thrown;
  }
  if (view.freshness === 'offline') yield* tellOfSilence(world, null);
  return view;
}

/** Tells the person once of each silence. That it cannot be told does not change how the run ends. */
async function* tellOfSilence(
  { channel, environment, settings, notifier, silence }: AgentWorld,
  failure: SpacepackError | null,
): AsyncGenerator<AgentReport, void> {
  const now = environment.date();
  try {
    const heardAt = await channel.heardAt();
    const heard = heardAt?.toISOString() ?? null;
    if (!isLongSilence(heardAt, now, failure) || isQuiet(settings.quietHours, now)) return;
    if ((await silence.told()) === heard) return;
    const words = silenceWords(heardAt, failure);
    if ((await notifier.tell(words)) === 'unreachable') return;
    await silence.remember(heard);
    yield { type: 'notice', device: null, message: `The person was told: ${words.body}` };
  } catch (thrown) {
    yield {
      type: 'notice',
      device: null,
      message: `The person could not be told: ${toSpacepackError(thrown).message}`,
    };
  }
}

const sightOf = ({ freshness, expiresAt, requests }: ChannelView): ChannelSight => ({ freshness, expiresAt, requests });

async function* serve(
  world: AgentWorld,
  sight: DeviceSight,
  { releases }: ChannelView,
): AsyncGenerator<AgentReport, DeviceResult> {
  const { environment, mounts } = world;
  const kept: AgentReport[] = [];
  const onKept = ({ message, remedy }: SpacepackError): void =>
    void kept.push({ type: 'notice', device: sight.id, message: `${message} ${remedy}` });
  const candidate = candidateOf(mounts ? await lookInside(environment, sight, onKept) : sight);
  yield* kept;
  if ('standing' in candidate) return candidate;
  const match = matchOf(candidate, releases);
  if (match !== null) return yield* act(world, match);
  const { serial, from } = candidate;
  const message = 'No newer release is offered to it.';
  return { device: serial, standing: 'current', from, to: null, release: null, message, outcome: null };
}

async function decideOn(world: AgentWorld, match: Match): Promise<Decision> {
  const { environment, settings, journal, wanted } = world;
  const { info } = match.candidate;
  const entries = await journal.entries();
  const pair = pairOf(match);
  const now = environment.date();
  return decide({
    settings,
    now,
    batteryPercent: info.batteryPercent,
    neededPercents: [info.batteryMinPercent ?? 0, match.release.minBatteryPercent],
    standing: standingOf(entries, pair, now),
    toldBefore: wasTold(entries, match, ['available', 'asked']),
    wanted,
  });
}

function wasTold(entries: readonly JournalEntry[], match: Match, findings: readonly News[]): boolean {
  const pair = pairOf(match);
  return entries.some((entry) => entry.event === 'told' && findings.includes(entry.finding) && isAbout(entry, pair));
}

async function* act(world: AgentWorld, match: Match): AsyncGenerator<AgentReport, DeviceResult> {
  const decision = await decideOn(world, match);
  switch (decision.kind) {
    case 'tell': {
      const isTold = yield* tell(world, match, 'available', availableWords(offerOf(match)));
      return isTold ? resultOf(match, 'told', 'The person was told.') : unreachable(match);
    }
    case 'ask':
      return yield* ask(world, match);
    case 'update':
      return yield* install(world, match);
    case 'wait':
      if (decision.reason === 'given-up') yield* tell(world, match, 'given-up', givenUpWords(offerOf(match)));
      return resultOf(match, decision.reason, decision.message);
  }
}

async function* ask(world: AgentWorld, match: Match): AsyncGenerator<AgentReport, DeviceResult> {
  const answer = await world.notifier.ask(questionWords(offerOf(match)));
  if (answer === 'unreachable') return unreachable(match);
  await note(world, match, 'asked');
  yield { type: 'told', device: match.candidate.serial, finding: 'asked' };
  return answer === 'yes' ? yield* install(world, match) : resultOf(match, 'declined', 'The person said no.');
}

async function* install(world: AgentWorld, match: Match): AsyncGenerator<AgentReport, DeviceResult> {
  const { environment, journal, wanted } = world;
  const common = { ...pairOf(match), from: match.candidate.from, by: wanted ? 'person' : 'agent' } as const;
  await journal.append({ ...common, event: 'began', at: environment.date().toISOString() });
  // Loaded here because most runs install nothing and do not need it.
  const { installRelease } = await import('./install-release.ts');
  const outcome = yield* reporting(installRelease(world, match), match.candidate.serial);
  // What the device said stays true, whatever happens on this computer's own disk.
  try {
    yield* keep(world, match, outcome);
  } catch (thrown) {
    const { message } = toSpacepackError(thrown);
    yield { type: 'notice', device: match.candidate.serial, message: `The history could not be kept: ${message}` };
  }
  return { ...resultOf(match, 'ended', outcome.message), outcome };
}

async function* keep(world: AgentWorld, match: Match, outcome: Outcome): AsyncGenerator<AgentReport, void> {
  const { environment, journal, wanted } = world;
  const { verdict, code, message, elapsedMs } = outcome;
  const common = { ...pairOf(match), from: match.candidate.from, by: wanted ? 'person' : 'agent' } as const;
  const at = environment.date().toISOString();
  await journal.append({ ...common, event: 'ended', at, verdict, code, message, elapsedMs: Math.round(elapsedMs) });
  // Refusals resolve themselves, and a person who asked for the update sees how it ended.
  if (wanted || verdict === 'refused') return;
  const finding = verdict === 'applied' || verdict === 'unchanged' ? 'applied' : 'failed';
  yield* tell(world, match, finding, outcomeWords(offerOf(match), outcome));
}

async function* reporting(run: AsyncGenerator<Report, Outcome>, device: string): AsyncGenerator<AgentReport, Outcome> {
  for (;;) {
    const next = await run.next();
    if (next.done) return next.value;
    yield { type: 'run', device, report: next.value };
  }
}

/** Tells the person, unless already told of this finding; returns whether the person knows now. */
async function* tell(
  world: AgentWorld,
  match: Match,
  finding: News,
  words: Notification,
): AsyncGenerator<AgentReport, boolean> {
  if (wasTold(await world.journal.entries(), match, [finding])) return true;
  if ((await world.notifier.tell(words)) === 'unreachable') return false;
  await note(world, match, finding);
  yield { type: 'told', device: match.candidate.serial, finding };
  return true;
}

async function note({ journal, environment }: AgentWorld, match: Match, finding: News): Promise<void> {
  const at = environment.date().toISOString();
  await journal.append({ ...pairOf(match), from: match.candidate.from, event: 'told', at, finding });
}

const offerOf = ({ candidate, release, to }: Match): Offer => ({
  product: candidate.sight.family.name,
  device: candidate.serial,
  from: candidate.from,
  to,
  notes: release.notes,
});

function resultOf({ candidate, release, to }: Match, standing: DeviceStanding, message: string): DeviceResult {
  const { serial, from } = candidate;
  return { device: serial, standing, from, to, release: release.name, message, outcome: null };
}

const unreachable = (match: Match): DeviceResult =>
  resultOf(match, 'unreachable', 'Nobody could be told: there is no screen, or no program that shows notifications.');
