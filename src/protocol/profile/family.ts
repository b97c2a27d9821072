import type { Commitment, Trace } from '../commitment.ts';
import type { DeviceInfo } from '../device-info.ts';
import { SpacepackError } from '../errors.ts';
import type { Family, ReadableFile, Wanted, Witnesses } from '../family.ts';
import type { FoundBytes } from '../found.ts';
import type { Drive } from '../sight.ts';
import { describeDevice, isKnown, LONGEST_TEXT, type ProfileOwn, requireFit } from './about-device.ts';
import { digestOf, isCutOff, isSameDigest } from './fingerprint.ts';
import { fingerprintOf, ownOf, packedFile, plainFile } from './image-format.ts';
import { folderOf } from './plain-path.ts';
import type { Profile } from './profile.ts';
import { isRemembered } from './remembered.ts';
import { digestsOf, holdsPayload, judgeRules, type Remembered, watchedFiles } from './witnesses.ts';

function payloadOf(wanted: Wanted, { name }: Profile): Remembered['image'] {
  if (wanted.action === 'install') return ownOf(wanted.image).fingerprint;
  throw new SpacepackError('usage', `Expected an image; a device that is called ${name} answers no ping.`);
}

/** A family from the profile of a device. */
export function profileFamily(profile: Profile): Family<ProfileOwn, Remembered> {
  const { device, write, patience } = profile;
  const { trigger } = write;
  const timing = { quietMs: 0, quietDirtyMs: patience.leaveMs, maxAwayMs: patience.awayMs };
  const triggerBytes = trigger === null ? null : new TextEncoder().encode(trigger.text);
  const triggerPath = trigger?.file ?? write.payload;
  const wholeBytes = profile.image.mostBytes;
  const isWhole = ({ when }: Profile['verdicts'][number], path: string): boolean =>
    when.renamed === path || when.holds === path;
  const others = watchedFiles(profile).map((path): ReadableFile => {
    const limitBytes = profile.verdicts.some((rule) => isWhole(rule, path)) ? wholeBytes : LONGEST_TEXT;
    return { path, limitBytes };
  });

  /** What is in the place of what commits. */
  function committedIn(found: FoundBytes, { image }: Remembered): 'whole' | 'torn' | 'other' | 'none' {
    if (found.kind !== 'intact') return 'none';
    const wanted = triggerBytes === null ? image : fingerprintOf(triggerBytes);
    if (isSameDigest(digestOf(found.value), wanted)) return 'whole';
    return isCutOff(found.value, wanted) ? 'torn' : 'other';
  }

  const isReadBack = write.isOver && profile.verdicts.some(({ when }) => when.holds === write.payload);
  function traceOf(
    { memory, written }: Commitment<Remembered>,
    info: DeviceInfo<ProfileOwn>,
    witnesses: Witnesses,
  ): Trace {
    if (witnesses.trigger.kind === 'unreadable') return { kind: 'unreadable', why: witnesses.trigger.why };
    const seen = { version: info.own.version, trigger: witnesses.trigger, others: witnesses.others };
    const answered = (code: 'failed-verify'): Trace => ({
      kind: 'answered',
      testimony: { info, judgement: { code }, detail: '', isNamed: false },
    });
    const judgement = judgeRules(profile, memory, seen);
    if (judgement !== null) {
      return { kind: 'answered', testimony: { info, judgement, detail: '', isNamed: false } };
    }
    if (write.isOver) {
      // What a later run finds may be what somebody else has written since.
      const isWatched = memory.hasArrived && written !== undefined;
      const isOther = witnesses.trigger.kind === 'intact' && !holdsPayload(witnesses.trigger, memory.image);
      return isReadBack && isWatched && isOther ? answered('failed-verify') : { kind: 'over' };
    }
    switch (committedIn(witnesses.trigger, memory)) {
      case 'whole':
        return { kind: 'waiting' };
      case 'torn':
        return { kind: 'never-arrived', isTorn: true };
      default:
        return { kind: 'over' };
    }
  }

  return {
    id: profile.id,
    name: profile.name,
    usb: device.usb,
    isKnownByFiles: device.usb.length === 0,
    inquiry: device.inquiry,
    model: null,
    folder: folderOf(write.payload),
    files: {
      info: device.marker === null ? null : { path: device.marker, limitBytes: LONGEST_TEXT },
      answer: { path: others[0]?.path ?? triggerPath, limitBytes: LONGEST_TEXT, isAlwaysThere: false },
      others,
      trigger: { path: triggerPath, limitBytes: triggerBytes === null ? wholeBytes : LONGEST_TEXT },
      payload: trigger === null ? null : { path: write.payload },
    },
    write: { syncBytes: 1024 * 1024, spareBytes: 64 * 1024, ...(write.isOver && { isOver: true }) },
    patience: {
      settleMs: 2_000,
      mountMs: 3_000,
      tornMs: 2_000,
      stallMs: 60_000,
      leaveMs: 15_000,
      returnMs: Math.max(30_000, patience.answerMs),
      answerMs: patience.answerMs,
    },
    returns: profile.returns,
    programming: null,
    usualAwayMs: 10_000,
    publicKeys: [],
    images: [profile.image.isPacked ? packedFile : plainFile],
    actions: null,

    controlVolume(drive) {
      if (!isKnown(profile, drive)) return null;
      const usable = ({ fileSystem }: Drive['volumes'][number]): boolean => /^(ex)?fat/.test(fileSystem ?? 'fat');
      return drive.volumes.find(usable) ?? null;
    },
    hintOf: () => null,
    parseInfo: (bytes) => ({ kind: 'intact', value: describeDevice(profile, timing, bytes.subarray(0, LONGEST_TEXT)) }),
    obstacle: () => null,
    stalenessOf: () => null,
    lastAnswer: () => null,
    words: () => ({}),

    checkFit(image) {
      requireFit(profile, image);
      return 'fits';
    },
    commit(wanted, { own }, _nonce, before) {
      const image = payloadOf(wanted, profile);
      return {
        memory: { image, before: digestsOf(before.others), version: own.version, hasArrived: false },
        trigger: triggerBytes,
      };
    },
    arrived: (memory) => ({ ...memory, hasArrived: true }),
    // Who put it there, and whether that was meant for this device, is not known: it is left to the device.
    liveCommit: (_info, found) =>
      found.kind === 'absent' || write.isOver
        ? null
        : { action: 'install', nonce: '0'.repeat(32), sha256: null, memory: NOTHING },
    isInert: () => true,
    isOurs(file, image) {
      const { fingerprint } = ownOf(image);
      const isTrigger = triggerBytes !== null && isSameDigest(digestOf(file), digestOf(triggerBytes));
      return isTrigger || isCutOff(file, fingerprint) || isSameDigest(digestOf(file), fingerprint);
    },

    trace: traceOf,
    judgeLeaving: () => (profile.returns === 'never' ? { code: 'never-returned' } : null),
    isLater: () => false,
    parseMemory: (value) => (isRemembered(value) ? value : null),
  };
}

const NOTHING: Remembered = {
  image: { sizeBytes: 0, crc32: 0, beginnings: [] },
  before: {},
  version: null,
  hasArrived: false,
};
