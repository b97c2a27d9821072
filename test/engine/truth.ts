import type { Outcome, Report } from '../../src/engine/report.ts';
import type { OpenRecord } from '../../src/protocol/commitment.ts';
import type { Moment } from '../../src/protocol/spacepack/verdict.ts';
import type { Environment } from '../../src/volume/port.ts';
import type { MemoryDevice, MemoryProcess, MemoryWorld, Operation } from '../fake-volume/index.ts';
import { readImage } from '../fake-volume/spacepack/image/format.ts';
import { versionText } from '../fake-volume/spacepack/values.ts';

/** What a device has in its flash memory, whatever it does at this moment; `null`: nothing that could start. */
interface Flash {
  readonly hash: string;
  readonly version: string;
  readonly isConfirmed: boolean;
}

/** Watches one run from its beginning: what it saves and closes, and what the devices were before it. */
export interface Witness {
  /** What the run must be given. */
  readonly environment: Environment;
  /** Takes note of how it ended. `named`: the device that was meant; `image`: what was to be installed; `null`: a ping. */
  hear(outcome: Outcome, reports: readonly Report[], named: MemoryDevice | null, image: string | null): Said;
}

/** Which process of a world was the first to save a nonce, and what each record's end was. */
interface Ledger {
  readonly savers: Map<string, number>;
  readonly closed: { readonly nonce: string; readonly acted: ReadonlyMap<MemoryDevice, number> }[];
}

const ledgers = new WeakMap<MemoryWorld, Ledger>();

function ledgerOf(world: MemoryWorld): Ledger {
  const ledger = ledgers.get(world) ?? { savers: new Map(), closed: [] };
  ledgers.set(world, ledger);
  return ledger;
}

/** `isForeign`: whether a nonce is of a trigger that no run of this world has written. */
export function createWitness(
  world: MemoryWorld,
  process: MemoryProcess,
  isForeign: (nonce: string) => boolean = () => false,
): Witness {
  const { savers, closed } = ledgerOf(world);
  const own: OpenRecord[] = [];
  const followed = [...world.records(process.user)];
  const before = lookBefore(world);
  let firstLook: Before | null = null;
  let lastLook: Before | null = null;
  const { records, volumes } = process.environment;
  return {
    environment: {
      ...process.environment,
      volumes: {
        ...volumes,
        read(volume, path, limitBytes) {
          firstLook ??= lookBefore(world);
          if (own.length === 0) lastLook = lookBefore(world);
          return volumes.read(volume, path, limitBytes);
        },
      },
      records: {
        ...records,
        save(record) {
          if (!savers.has(record.nonce)) savers.set(record.nonce, process.number);
          const isOwn = savers.get(record.nonce) === process.number && !isForeign(record.nonce);
          (isOwn ? own : followed).push(record);
          return records.save(record);
        },
        close(nonce) {
          closed.push({ nonce, acted: new Map(world.devices.map((device) => [device, actedOn(device).length])) });
          return records.close(nonce);
        },
      },
    },
    hear(outcome, reports, named, image) {
      const actedByThen = new Map(world.devices.map((device) => [device, actedOn(device)]));
      const looks = { before, firstLook: firstLook ?? before, lastLook: lastLook ?? before };
      return { outcome, reports, named, image, ...looks, own, followed, actedByThen };
    },
  };
}

/** What devices have acted on though its record was closed, or though nobody had a record of it. */
export function unaccounted(
  world: MemoryWorld,
  isForeign: (short: string) => boolean = () => false,
): readonly string[] {
  const { savers, closed } = ledgerOf(world);
  const known = [...savers.keys()];
  return world.devices.flatMap((device) => {
    const acted = actedOn(device);
    const unknown = acted.filter((short) => !isForeign(short) && !known.some((nonce) => nonce.startsWith(short)));
    const late = closed.filter(({ nonce, acted: then }) =>
      acted.slice(then.get(device) ?? 0).some((short) => nonce.startsWith(short)),
    );
    return [
      ...unknown.map(() => 'acted on a trigger without a record'),
      ...late.map(() => 'acted on after its record was closed'),
    ];
  });
}

/** A run, with what must be known to tell whether what it said is true. */
export interface Said {
  readonly outcome: Outcome;
  readonly reports: readonly Report[];
  /** The device that was meant, whatever the run took for it; `null`: none was there. */
  readonly named: MemoryDevice | null;
  /** MCUboot hash of what was to be installed; `null` for a ping. */
  readonly image: string | null;
  /** As they were when the run began. */
  readonly before: Before;
  /** As they were when it first read something. */
  readonly firstLook: Before;
  /** As they were when it last read something before it committed anything: others had ended by then. */
  readonly lastLook: Before;
  /** Nonces that this run was the first to save: of its own triggers. */
  readonly own: readonly OpenRecord[];
  /** What it followed of earlier runs, or of others. */
  readonly followed: readonly OpenRecord[];
  /** What each device had been seen to act on when the verdict was told. */
  readonly actedByThen: ReadonlyMap<MemoryDevice, readonly string[]>;
}

interface Before {
  readonly flash: ReadonlyMap<MemoryDevice, Flash | null>;
  /** Devices that were installing just then: what ran before is what comes of that. */
  readonly installing: ReadonlySet<MemoryDevice>;
}

export function flashOf({ firmware }: MemoryDevice): Flash | null {
  const { flash, flashState } = firmware.memory;
  const image = flash === null || flashState === 'refused' ? null : readImage(flash);
  if (image === null || !image.hashIsRight) return null;
  return { hash: image.hash, version: versionText(image.version), isConfirmed: flashState === 'confirmed' };
}

function lookBefore(world: MemoryWorld): Before {
  const installing = world.devices.filter(({ firmware }) => firmware.hasLeftByItself);
  return { flash: new Map(world.devices.map((device) => [device, flashOf(device)])), installing: new Set(installing) };
}

/** The first eight digits of each nonce that a device has acted on, in order. */
function actedOn({ log }: MemoryDevice): readonly string[] {
  return log.flatMap(
    ({ message }) => /^(?:accepts the install|answers the ping) ([0-9a-f]{8})/.exec(message)?.[1] ?? [],
  );
}

const isOf = (records: readonly OpenRecord[], short: string): boolean =>
  records.some(({ nonce }) => nonce.startsWith(short));

interface Facts extends Said {
  readonly device: MemoryDevice;
  readonly flash: Flash | null;
  /** What ran when the run began, and when those began that it followed. */
  readonly olds: readonly (string | null)[];
  readonly acted: readonly string[];
  /** Somebody else has made the device act since the verdict, so that what runs now says nothing about it. */
  readonly isDisturbed: boolean;
  readonly isLater: boolean;
}

type Claim = readonly [kind: string, isMade: (said: Facts) => boolean, isTrue: (facts: Facts) => boolean];

/** What the run said at its end, and that an earlier commit never arrived; other notices speak of their own moment. */
const text = ({ outcome, reports }: Said): string => {
  const dropped = reports.flatMap((report) =>
    report.type === 'notice' && report.code === 'record-dropped' ? [report.message] : [],
  );
  return [outcome.message, outcome.remedy, ...dropped].join(' ');
};
const says =
  (pattern: RegExp) =>
  (said: Said): boolean =>
    pattern.test(text(said));
const hasVerdict =
  (...verdicts: readonly string[]) =>
  ({ outcome }: Said): boolean =>
    verdicts.includes(outcome.verdict);

const ownWasActedOn = ({ acted, own }: Facts): boolean => acted.some((short) => isOf(own, short));
const runsNew = ({ flash, image, isDisturbed }: Facts): boolean => isDisturbed || flash?.hash === image;
const runsOld = ({ flash, olds, isDisturbed, before, device }: Facts): boolean =>
  isDisturbed || (flash !== null && (olds.includes(flash.hash) || before.installing.has(device)));

/** The device's own answer to one of the nonces of this run, or that it followed; `undefined`: not known any more. */
function answerOf({ device, own, followed }: Facts): { readonly state: string; readonly code: string } | undefined {
  const { journal } = device.firmware.memory;
  const installs = journal.flatMap((slot) => {
    if (slot === null) return [];
    const { sequence, entry } = JSON.parse(Buffer.from(slot.subarray(8)).toString()) as {
      readonly sequence: number;
      readonly entry: { readonly install: { readonly nonce: string | null; readonly answer: Answer | null } | null };
    };
    return [{ sequence, install: entry.install }];
  });
  const newest = installs.sort((one, two) => two.sequence - one.sequence)[0]?.install;
  if (newest?.nonce == null || newest.answer === null || !isOf([...own, ...followed], newest.nonce)) return undefined;
  return newest.answer;
}

interface Answer {
  readonly state: string;
  readonly code: string;
}

/** Everything that a run can claim, in its verdict, its fields or its words. */
const CLAIMS: readonly Claim[] = [
  [
    'applied',
    hasVerdict('applied'),
    (facts) => runsNew(facts) && (facts.isDisturbed || facts.flash?.isConfirmed === true),
  ],
  ['already-current', ({ outcome }) => outcome.code === 'already-current', runsNew],
  ['refused, and yet committed', hasVerdict('refused'), (facts) => !ownWasActedOn(facts)],
  [
    'ping-answered',
    ({ outcome }) => outcome.code === 'ping-answered',
    ({ acted, own, followed }) => acted.some((short) => isOf([...own, ...followed], short)),
  ],
  [
    'rejected or failed',
    ({ outcome }) => outcome.code.startsWith('rejected-') || outcome.code.startsWith('failed-'),
    (facts) => {
      const answer = answerOf(facts);
      // The journal holds the last answer alone.
      if (answer === undefined) return facts.isDisturbed || facts.isLater;
      const state = answer.state === 'rejected' ? 'rejected' : 'failed';
      // `other`: a code of a later version, which the host does not know.
      return [`${state}-${answer.code}`, `${state}-other`].includes(facts.outcome.code);
    },
  ],
  [
    'not-applied',
    ({ outcome }) => outcome.code === 'not-applied',
    (facts) => runsOld(facts) && !facts.own.some(({ nonce }) => isNewlyActed(facts, nonce)),
  ],
  ['oldFirmware: runs', ({ outcome }) => outcome.oldFirmware === 'runs', runsOld],
  [
    'oldFirmware: replaced',
    ({ outcome }) => outcome.oldFirmware === 'replaced',
    ({ flash, olds, isDisturbed }) => isDisturbed || (flash !== null && olds.some((old) => old !== flash.hash)),
  ],
  [
    'oldFirmware: none',
    ({ outcome }) => (outcome.oldFirmware as string | null) === 'none',
    ({ flash, isDisturbed }) => isDisturbed || flash === null,
  ],
  ['device', ({ outcome }) => outcome.device !== null, ({ outcome, device }) => outcome.device === device.serial],
  [
    'to',
    ({ outcome }) => outcome.to !== null,
    ({ outcome, flash, isDisturbed }) => isDisturbed || outcome.to === flash?.version,
  ],
  [
    'words: nothing was committed',
    says(/nothing (of this run )?(was|has been) committed/i),
    (facts) => !ownWasActedOn(facts),
  ],
  [
    'words: the old firmware',
    says(/(old firmware (still )?runs|still runs the firmware|with its old firmware)/i),
    runsOld,
  ],
  ['words: the new firmware runs', says(/the new firmware runs/i), runsNew],
  ['words: runs this firmware already', says(/runs this firmware already/i), runsNew],
  [
    'words: never reached the device',
    says(/never reached the device/i),
    (facts) => !facts.followed.some(({ nonce }) => isNewlyActed(facts, nonce)),
  ],
  [
    'words: did not reach the device',
    says(/did not reach the device/i),
    (facts) => !facts.own.some(({ nonce }) => isNewlyActed(facts, nonce)),
  ],
];

/** What may change by itself as soon as it was said. */
const CLAIMS_OF_THE_MOMENT: readonly Claim[] = [
  [
    'words: its trigger is there',
    says(/; its trigger is there/i),
    (facts) => ownWasActedOn(facts) || holdsTrigger(facts),
  ],
  [
    'words: did not come back',
    says(/did not come back\.(?!.* is there)/i),
    ({ device, own, followed }) =>
      device.driveId === null ||
      ![...own, ...followed].some(({ memory }) => (memory as Moment).bootCount < device.firmware.memory.bootCount),
  ],
];

function holdsTrigger({ device, own, followed }: Facts): boolean {
  const trigger = Buffer.from(device.card.read('SPACEPAK/UPDATE.TRG') ?? []).toString();
  return [...own, ...followed].some(({ nonce }) => trigger.includes(nonce));
}

/** Acted on after the verdict, though it was told that this would not be. */
function isNewlyActed({ acted, actedByThen, device }: Facts, nonce: string): boolean {
  return acted.slice(actedByThen.get(device)?.length ?? 0).some((short) => nonce.startsWith(short));
}

/**
 * What a run said that is not true of the device that was named, as it is now: at the verdict, and again when all has settled
 * (`isLater`), when what it said of the moment itself is over.
 */
export function falsehoods(said: Said, isLater: boolean = false): readonly string[] {
  const { outcome, named } = said;
  if (named === null) {
    return (['runs', 'replaced', 'none'] as readonly (string | null)[]).includes(outcome.oldFirmware)
      ? [`${outcome.code}: oldFirmware "${outcome.oldFirmware}" of no device`]
      : [];
  }
  const flash = flashOf(named);
  const acted = actedOn(named);
  const since = acted.slice(said.actedByThen.get(named)?.length ?? acted.length);
  const facts: Facts = {
    ...said,
    isLater,
    device: named,
    flash,
    acted,
    olds: [
      said.before.flash.get(named)?.hash ?? null,
      said.firstLook.flash.get(named)?.hash ?? null,
      said.lastLook.flash.get(named)?.hash ?? null,
      ...[...said.own, ...said.followed].map(({ oldImage }) => oldImage),
    ],
    isDisturbed: since.some((short) => !isOf([...said.own, ...said.followed], short)),
  };
  const claims = isLater ? CLAIMS : [...CLAIMS, ...CLAIMS_OF_THE_MOMENT];
  return claims
    .filter(([, isMade, isTrue]) => isMade(facts) && !isTrue(facts))
    .map(([kind]) => `${outcome.code}: ${kind}`);
}

const WRITING: readonly Operation['verb'][] = ['create', 'chunk', 'fsync', 'close', 'remove', 'mount', 'release'];

/** Whether it may write to the card: a release does, but of what the same run had mounted for reading only. */
export function isTouch(operation: Operation, own: readonly Operation[]): boolean {
  const { verb, number, device, readOnly } = operation;
  if (verb !== 'release') return WRITING.includes(verb) && readOnly !== true;
  const mounts = own.filter((other) => other.verb === 'mount' && other.device === device && other.number < number);
  return mounts.at(-1)?.readOnly !== true;
}
