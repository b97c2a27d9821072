import { ping, type RunLimits, update } from '../../src/devices/update.ts';
import type { Outcome, Report } from '../../src/engine/report.ts';
import { select } from '../../src/index.ts';
import type { OpenRecord } from '../../src/protocol/commitment.ts';
import { SpacepackError } from '../../src/protocol/errors.ts';
import type { UpdateImage } from '../../src/protocol/image-facts.ts';
import type { Environment } from '../../src/volume/port.ts';
import { drain } from '../engine/play.ts';
import { createWitness, falsehoods, flashOf, isTouch, type Said, unaccounted } from '../engine/truth.ts';
import type { MemoryDevice, MemoryProcess } from '../fake-volume/index.ts';
import { createStage, imageOfVersion, type Stage } from './stage.ts';
import type { Story, StoryRun } from './story.ts';

/** Something that must never be. `kind` tells one from another; `text` says more. */
export interface Finding {
  readonly kind: string;
  readonly text: string;
}

/** How a run ended. */
export interface End {
  readonly by: string;
  /** One of those that end a story, of which each must end well. */
  readonly isQuiet: boolean;
  readonly atMs: number;
  readonly verdict: string;
  readonly code: string;
  readonly message: string;
}

/** What became of a story. */
export interface Played {
  readonly findings: readonly Finding[];
  /** How the runs ended, in that order. */
  readonly ends: readonly End[];
  /** Calls that its runs made, before the quiet ones. */
  readonly counted: { readonly steps: number; readonly ownCalls: number };
}

/** Virtual time after which what was said must still be true. */
const LATER_MS = 600_000;
/** Beyond its cap: the last call may hang, and so may what tidies up. */
const SLACK_MS = 420_000;
const QUIET_CAP_MS = 1_800_000;

interface Theatre extends Stage {
  readonly findings: Finding[];
  readonly ends: End[];
  readonly said: Said[];
  /** The device that was last committed to under this serial, at this port if it is known. */
  deviceOfRecord(serial: string | null, port: string | null): MemoryDevice | null;
}

/** Plays a story to its end, and then until all has settled, and judges everything that was said and done. */
export async function play(story: Story): Promise<Played> {
  const stage = createStage(story);
  const { world } = stage;
  const deviceOfRecord: Theatre['deviceOfRecord'] = (serial, port) => {
    const commits = world.operations.filter(({ verb, path }) => verb === 'create' && path === 'SPACEPAK/UPDATE.TRG');
    const isMeant = (commit: (typeof commits)[number]): boolean =>
      commit.serial.toLowerCase() === serial?.toLowerCase() &&
      (port === null || world.devices[commit.device]?.port === port);
    const last = commits.filter(isMeant).at(-1);
    if (last === undefined) return world.devices.find((device) => device.serial === serial) ?? null;
    return world.devices[last.device] ?? null;
  };
  const theatre: Theatre = { ...stage, findings: [], ends: [], said: [], deviceOfRecord };
  const beganMs = world.clock.now();
  const plays = story.runs.map(async (run, number) => {
    if (run.atMs > 0) await world.clock.sleep(run.atMs);
    await playRun(theatre, run, number);
  });
  void plays;
  const lastMs = Math.max(0, ...story.runs.map(({ atMs, capMs }) => atMs + capMs)) + SLACK_MS + stage.meddlingMs;
  while (world.clock.now() < beganMs + lastMs && !stage.isOver()) await world.clock.sleep(5_000);
  for (const { text } of stage.unended()) found(theatre, 'no end within its bound', text);
  const counted = { steps: world.operations.length, ownCalls: world.ownCalls.length };
  await world.clock.sleep(LATER_MS);
  judgeLater(theatre, 'ten minutes later');
  stage.calmDown();
  await world.clock.sleep(LATER_MS);
  judgeLater(theatre, 'when all was plugged in again');
  await playQuietRuns(theatre);
  await world.clock.sleep(LATER_MS);
  judgeLater(theatre, 'at the end');
  judgeUserFiles(theatre);
  world.dispose();
  return { findings: distinct(theatre.findings), ends: theatre.ends, counted };
}

function found(theatre: Theatre, kind: string, text: string): void {
  theatre.findings.push({ kind, text });
}

/** The first of each kind. */
function distinct(findings: readonly Finding[]): readonly Finding[] {
  return [...new Map([...findings].reverse().map((finding) => [finding.kind, finding])).values()];
}

async function playRun(theatre: Theatre, run: StoryRun, number: number | null): Promise<void> {
  const { world } = theatre;
  const process = world.start(run.user);
  const signals = theatre.began(process, number, run);
  const inherited = world.records(run.user);
  const witness = createWitness(world, process, (nonce) => theatre.foreignNonces.has(nonce));
  const image = run.action === 'ping' ? null : await imageOfVersion(run.version);
  const beganMs = world.clock.now();
  const tell = (outcome: Outcome, reports: readonly Report[], named: MemoryDevice | null) => {
    const said = witness.hear(outcome, reports, named, image?.imageHash ?? null);
    theatre.said.push(said);
    const { verdict, code, message } = outcome;
    const [by, atMs] = [theatre.nameOf(process), world.clock.now()];
    theatre.ends.push({ by, isQuiet: number === null, atMs, verdict, code, message });
    for (const text of falsehoods(said))
      found(theatre, text, `at the verdict of ${theatre.nameOf(process)}: ${outcome.message}`);
  };
  try {
    await tryRun(theatre, run, number, signals, process, witness.environment, image, tell, inherited);
  } catch (thrown) {
    found(theatre, `threw ${thrown instanceof Error ? thrown.message : thrown}`, String((thrown as Error).stack));
  }
  const tookMs = world.clock.now() - beganMs;
  if (tookMs > run.capMs + SLACK_MS + theatre.meddlingMs)
    found(theatre, 'no end within its bound', `${theatre.nameOf(process)} took ${tookMs} ms`);
  judgeOperations(theatre, run, process);
  theatre.ended(process);
  process.kill();
}

type Tell = (outcome: Outcome, reports: readonly Report[], named: MemoryDevice | null) => void;

async function tryRun(
  theatre: Theatre,
  run: StoryRun,
  number: number | null,
  signals: Pick<RunLimits, 'cancel' | 'abandon'>,
  process: MemoryProcess,
  environment: Environment,
  image: UpdateImage | null,
  tell: Tell,
  inherited: readonly OpenRecord[],
): Promise<void> {
  const { world } = theatre;
  const name = theatre.nameFor(run);
  let selected: Awaited<ReturnType<typeof select>>;
  try {
    selected = await select(environment, run.by === 'all' ? { all: true } : run.by === 'only' ? {} : { device: name });
  } catch (thrown) {
    if (!(thrown instanceof SpacepackError)) throw thrown;
    tell(outcomeOf(thrown), [], null);
    const isMeant = ({ serial, port }: OpenRecord): boolean =>
      ['only', 'all'].includes(run.by) || [serial, port].includes(name);
    const open = inherited.find((record) => isMeant(record) && world.records(run.user).includes(record));
    if (thrown.code === 'no-device' && open !== undefined)
      found(theatre, 'no-device while a record is open', thrown.message);
    return;
  }
  await Promise.all(
    selected.map(async ({ target, sight }) => {
      const { serial, port } = target.identity;
      const device = sight === null ? theatre.deviceOfRecord(serial, port) : world.deviceOf(sight.drive.attachment);
      theatre.allow(process, [device]);
      if (device !== null && !theatre.fits(run, device)) found(theatre, 'chose another than the named one', name);
      const limits = { dryRun: run.dryRun, capMs: run.capMs, ...signals };
      const allowDowngrade = number === null || run.version === 1;
      const going =
        image === null
          ? ping(environment, target, limits)
          : update(environment, target, image, { ...limits, allowDowngrade });
      const { outcome, reports } = await drain(going);
      tell(outcome, reports, device);
    }),
  );
}

function outcomeOf({ code, fault, message, remedy }: SpacepackError): Outcome {
  const nothing = { device: null, from: null, to: null, readBack: null, elapsedMs: 0 };
  const oldFirmware = null as unknown as Outcome['oldFirmware'];
  const { verdict, meaning } = fault;
  return { verdict, code, meaning, message: `${meaning} ${message}`, remedy, oldFirmware, ...nothing };
}

/** What a run did to the devices that were not meant, and what it wrote though it was to write nothing. */
function judgeOperations(theatre: Theatre, run: StoryRun, process: MemoryProcess): void {
  const { operations, devices, ownCalls } = theatre.world;
  const own = operations.filter((operation) => operation.process === process.number);
  const touches = own.filter((operation) => isTouch(operation, own));
  const allowed = theatre.allowed(process);
  for (const { device, verb, path } of touches) {
    const touched = devices[device];
    if (touched !== undefined && !allowed.includes(touched))
      found(
        theatre,
        `touched another device: ${verb}`,
        `${theatre.nameOf(process)} did ${verb} ${path ?? ''} on device ${device + 1}`,
      );
  }
  if (!run.dryRun) return;
  const mounted = own.filter(({ verb, readOnly }) => verb === 'mount' && readOnly !== true);
  const written = [...mounted, ...touches.filter(({ verb }) => verb !== 'mount' && verb !== 'release')];
  for (const { verb, path } of written) found(theatre, `dry run did ${verb}`, `${verb} ${path ?? ''}`);
  const calls = ownCalls.filter((call) => call.process === process.number && ['save', 'close'].includes(call.call));
  for (const { call } of calls) found(theatre, `dry run did ${call} on the own disk`, call);
}

function judgeLater(theatre: Theatre, when: string): void {
  const { world, foreignNonces } = theatre;
  for (const said of theatre.said) {
    for (const text of falsehoods(said, true)) found(theatre, text, `${when}: ${said.outcome.message}`);
  }
  const isForeign = (short: string) => [...foreignNonces].some((nonce) => nonce.startsWith(short));
  for (const text of unaccounted(world, isForeign)) found(theatre, text, when);
}

/** Each device by itself, and nothing goes wrong any more: by the same user, then by another one. */
async function playQuietRuns(theatre: Theatre): Promise<void> {
  const { world, story } = theatre;
  const user = story.runs[0]?.user ?? 'anna';
  for (const device of world.devices) {
    for (const other of world.devices) if (other !== device) other.unplug();
    device.plug();
    await world.clock.sleep(60_000);
    for (const who of [user, user === 'anna' ? 'ben' : 'anna']) {
      const run: StoryRun = {
        atMs: 0,
        user: who,
        action: 'update',
        version: story.runs[0]?.version ?? 2,
        dryRun: false,
        capMs: QUIET_CAP_MS,
        by: 'only',
        device: world.devices.indexOf(device),
      };
      const before = theatre.said.length;
      const startedMs = world.clock.now();
      const going = playRun(theatre, run, null);
      await Promise.race([going, world.clock.sleep(QUIET_CAP_MS + SLACK_MS)]);
      const outcome = theatre.said[before]?.outcome;
      const took = `after ${world.clock.now() - startedMs} ms`;
      if (outcome?.verdict !== 'applied' && outcome?.verdict !== 'unchanged')
        found(theatre, `quiet run: ${outcome?.code ?? 'no end'}`, `${who} ${took}: ${outcome?.message ?? ''}`);
    }
    if (flashOf(device) === null) found(theatre, 'a device that boots no application at the end', device.serial);
  }
}

function judgeUserFiles(theatre: Theatre): void {
  for (const text of theatre.changedUserFiles()) found(theatre, 'user bytes changed', text);
}
