import type { Commitment, Trace } from '../commitment.ts';
import type { DeviceInfo } from '../device-info.ts';
import { SpacepackError } from '../errors.ts';
import type { Family, LastAnswer, LiveCommit, Wanted, Witnesses } from '../family.ts';
import type { Found, FoundBytes, Parsed } from '../found.ts';
import { textLike, whole, withFields } from '../shapes.ts';
import { formatVersion } from '../versions.ts';
import { controlVolume } from './card.ts';
import { checkFit } from './fit.ts';
import { imageFormat } from './image/format.ts';
import { type Info, type InfoDetails, LONGEST_TIMING, PROTOCOL, parseInfo } from './info.ts';
import { TEXT_LIMIT, TRIGGER_LIMIT } from './key-value.ts';
import { describeRevision, stalenessOf } from './revision.ts';
import { parseStatus, type Status } from './status.ts';
import { isLive, parseTrigger, type Trigger, writeTrigger } from './trigger.ts';
import { type Heard, judge, type Moment } from './verdict.ts';

const FOLDER = 'SPACEPAK';

/** What the engine sees of INFO.TXT. */
export function describeInfo(info: Info): DeviceInfo<Info> {
  const { serial, mode, image, protocol, bootCount, details } = info;
  return {
    serial,
    mode,
    image,
    tellsImage: true,
    protocol,
    bootCount,
    version: details?.version ?? null,
    model: details?.model ?? null,
    hardware: details?.hardware ?? null,
    maxPayloadBytes: details?.maxPayloadBytes ?? null,
    securityFloor: details?.securityFloor ?? null,
    batteryPercent: details?.batteryPercent ?? null,
    batteryMinPercent: details?.batteryMinPercent ?? null,
    timing: details?.timing ?? LONGEST_TIMING,
    own: info,
  };
}

/** Like `parse`, for a file that may be absent or unreadable. */
function parseFound<T>(found: FoundBytes, parse: (bytes: Uint8Array) => Parsed<T>): Found<T> {
  return found.kind === 'intact' ? parse(found.value) : found;
}

function detailsOf({ details }: Info): InfoDetails {
  if (details === null) throw new TypeError('asked of a device whose protocol is not known');
  return details;
}

function triggerFor(wanted: Wanted, info: Info, nonce: string): Trigger {
  return {
    nonce,
    serial: info.serial,
    bootCount: info.bootCount,
    session: detailsOf(info).session,
    action:
      wanted.action === 'ping'
        ? { kind: 'ping' }
        : {
            kind: 'install',
            payload: { lengthBytes: wanted.image.sizeBytes, crc32: wanted.image.crc32, sha256: wanted.image.sha256 },
            allowDowngrade: wanted.allowDowngrade,
          },
  };
}

function liveTrigger(info: Info, found: FoundBytes): Trigger | null {
  const trigger = parseFound(found, parseTrigger);
  return trigger.kind === 'intact' && isLive(trigger.value, info) ? trigger.value : null;
}

/** protocol §6.1: a STATUS.TXT of another boot count is stale. */
const isFresh = (status: Status, { bootCount }: Pick<Info, 'bootCount'>): boolean => status.bootCount === bootCount;

/** What became of the trigger of a commit, once the device has been away since. */
function triggerOf({ nonce }: Commitment<Moment>, found: FoundBytes): Heard['trigger'] {
  const trigger = parseFound(found, parseTrigger);
  if (trigger.kind === 'intact' && trigger.value.nonce === nonce) return 'present';
  // protocol §7.2: of an older session and not intact, so no device acts on it.
  return trigger.kind === 'torn' || trigger.kind === 'unreadable' ? 'torn' : 'gone';
}

/** What the witnesses say about a commit, once the device has been away since (protocol §10.2). */
function answered(commitment: Commitment<Moment>, described: DeviceInfo<Info>, witnesses: Witnesses): Trace {
  const { nonce } = commitment;
  const info = described.own;
  const found = parseFound(witnesses.answer, parseStatus);
  const said = found.kind === 'intact' ? found.value : null;
  const status = said !== null && isFresh(said, info) ? said : null;
  const testimony = {
    info: described,
    judgement: judge(commitment, { info, status, trigger: triggerOf(commitment, witnesses.trigger) }),
    detail: (status?.nonce === nonce && status.details?.detail) || '',
    // A stale one proves just as well which device wrote it.
    isNamed: said !== null && [said.nonce, said.pingNonce].includes(nonce),
  };
  return { kind: 'answered', testimony };
}

/** protocol §10.1, §10.4 */
function trace(commitment: Commitment<Moment>, described: DeviceInfo<Info>, witnesses: Witnesses): Trace {
  const { memory, nonce } = commitment;
  const info = described.own;
  if (info.bootCount > memory.bootCount) return answered(commitment, described, witnesses);
  if (info.bootCount < memory.bootCount) {
    return {
      kind: 'outdated',
      why: `Expected a boot count of at least ${memory.bootCount}, found ${info.bootCount}.`,
    };
  }
  if (info.details === null) return { kind: 'unknown', why: `protocol ${info.protocol}` };
  // Random bits, new each time the count goes up.
  if (info.details.session !== memory.session) return { kind: 'other' };
  const { trigger } = witnesses;
  if (trigger.kind === 'unreadable') return { kind: 'unreadable', why: trigger.why };
  return { kind: liveTrigger(info, trigger)?.nonce === nonce ? 'waiting' : 'never-arrived' };
}

function lastAnswer({ own }: DeviceInfo<Info>, bytes: Uint8Array): LastAnswer | null {
  const parsed = parseStatus(bytes);
  if (parsed.kind !== 'intact' || !isFresh(parsed.value, own)) return null;
  const { state, code, details } = parsed.value;
  return {
    state,
    code,
    from: details?.from ? formatVersion(details.from) : null,
    to: details?.to ? formatVersion(details.to) : null,
    detail: details?.detail ?? '',
  };
}

const isMemory = withFields<Moment>({ bootCount: whole(0), session: textLike(/^[0-9a-f]{16}$/i) });

/**
 * mophie's SpacePack, as the macOS registry shows the device: its medium is called `mophie SpacePack Media` there,
 * which macOS composes from INQUIRY's vendor and product and a word of its own (IOBlockStorageDriver::acceptNewMedia).
 */
export const spacepack: Family<Info, Moment> = {
  id: 'spacepack',
  name: 'SpacePack',
  usb: [{ vendorId: 0x19e7, productId: 0x1111 }],
  isKnownByFiles: false,
  inquiry: { vendor: 'mophie', product: 'SpacePack' },
  model: 'SpacePack',
  folder: FOLDER,
  files: {
    info: { path: `${FOLDER}/INFO.TXT`, limitBytes: TEXT_LIMIT },
    answer: { path: `${FOLDER}/STATUS.TXT`, limitBytes: TEXT_LIMIT, isAlwaysThere: true },
    others: [],
    trigger: { path: `${FOLDER}/UPDATE.TRG`, limitBytes: TRIGGER_LIMIT },
    payload: { path: `${FOLDER}/UPDATE.BIN` },
  },
  write: { syncBytes: 1024 * 1024, spareBytes: 256 * 1024 },
  patience: {
    settleMs: 2_000,
    mountMs: 3_000,
    tornMs: 10_000,
    stallMs: 60_000,
    leaveMs: 15_000,
    returnMs: 30_000,
    answerMs: 20_000,
  },
  returns: 'anew',
  programming: null,
  usualAwayMs: 20_000,
  publicKeys: [],
  images: [imageFormat],

  controlVolume,
  actions: null,

  hintOf: ({ usb }) => describeRevision(usb?.revision ?? null),

  parseInfo(bytes) {
    const parsed = parseInfo(bytes);
    return parsed.kind === 'intact' ? { kind: 'intact', value: describeInfo(parsed.value) } : parsed;
  },
  obstacle({ own: { details, protocol } }) {
    if (details !== null) return null;
    return new SpacepackError('protocol-unknown', `Expected protocol ${PROTOCOL}, found ${protocol}.`);
  },
  stalenessOf: ({ own }, { usb }) => stalenessOf(own, usb?.revision ?? null),
  lastAnswer,

  checkFit: (image, { own }, allowDowngrade) => checkFit(image, own, detailsOf(own), spacepack, allowDowngrade),
  commit(wanted, { own }, nonce) {
    const trigger = triggerFor(wanted, own, nonce);
    return { memory: { bootCount: trigger.bootCount, session: trigger.session }, trigger: writeTrigger(trigger) };
  },
  liveCommit({ own }, found): LiveCommit<Moment> | null {
    const trigger = liveTrigger(own, found);
    if (trigger === null) return null;
    const { nonce, bootCount, session, action } = trigger;
    const sha256 = action.kind === 'install' ? action.payload.sha256 : null;
    return { action: action.kind, nonce, sha256, memory: { bootCount, session } };
  },
  // protocol §2.6, §11.2
  isInert: (info, trigger) =>
    info.kind === 'intact' && info.value.own.details !== null && liveTrigger(info.value.own, trigger) === null,

  trace,
  judgeLeaving: () => null,
  words: () => ({}),
  isLater: (one, other) => one.bootCount > other.bootCount,
  parseMemory: (value) => (isMemory(value) ? value : null),
};
