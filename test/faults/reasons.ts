import type { FaultCode } from '../../src/protocol/faults.ts';
import type { Evidence } from './judge.ts';
import type { Errno } from './strike.ts';

type Holds = (evidence: Evidence) => boolean;

/** In these worlds there is one device, one user, one sound card and one sound image: nothing makes these true. */
const never: Holds = () => false;

const onVolume: Holds = ({ strike }) => strike.point.path.startsWith('volume');
const onOwnDisk: Holds = ({ strike }) => strike.point.path.startsWith('home');
const onImage: Holds = ({ strike }) =>
  /^home\/(firmware\.dfu|cache\/[0-9a-f]{64}\.(image|fresh|part|dfu))$/.test(strike.point.path);
const hung: Holds = (evidence) => onVolume(evidence) && evidence.strike.harm.startsWith('hang');
const failed =
  (...errnos: readonly Errno[]): Holds =>
  (evidence) =>
    onVolume(evidence) && errnos.some((errno) => evidence.strike.harm.endsWith(`:${errno}`));

/** When a reason is true: what the strike did, or the device. A code that is not here claims no more than its verdict. */
const REASONS: Partial<Readonly<Record<FaultCode, Holds>>> = {
  'no-device': ({ atResult }) => !atResult.ready,
  'never-left': ({ before, atResult }) => atResult.bootCount === before.bootCount && atResult.trigger,
  'never-returned': ({ atResult }) => !atResult.ready,
  'returned-unmounted': onVolume,
  'returned-unreadable': onVolume,
  'volume-full': failed('ENOSPC'),
  'volume-read-only': failed('EROFS'),
  'volume-permission': failed('EACCES'),
  'volume-io': failed('EIO', 'ENODEV', 'EMFILE'),
  'volume-gone': failed('ENODEV'),
  'volume-stalled': hung,
  'image-unreadable': onImage,
  'own-disk': onOwnDisk,
  'devices-alike': never,
  'other-device': never,
  'info-stale': never,
  'volume-busy': never,
  'volume-foreign': never,
  'device-locked': never,
  'device-busy': never,
  'several-devices': never,
  usage: never,
  'key-unusable': never,
  interrupted: never,
  'not-in-time': never,
  'info-missing': never,
  'info-malformed': never,
  'info-serial': never,
  'info-model': never,
  'readback-differs': never,
  'battery-low': never,
  'protocol-unknown': never,
  'returned-other': never,
  'returned-bootloader': never,
  contradiction: never,
  'card-missing': never,
  'card-gpt': never,
  'card-no-partition-table': never,
  'card-file-system': never,
  'image-changed': never,
  'image-truncated': never,
  'image-suffix': never,
  'image-structure': never,
  'image-hash': never,
  'image-signature': never,
  'image-wrong-device': never,
  'image-wrong-hardware': never,
  'image-too-large': never,
  'image-downgrade': never,
  'image-rollback': never,
  'channel-unreachable': never,
  'channel-expired': never,
  'channel-untrusted': never,
  'channel-malformed': never,
  'channel-busy': never,
};

/** Why a code gives a reason that nothing has given; `null` where it may stand. */
export function falseReason(code: string, evidence: Evidence): string | null {
  const holds = new Map<string, Holds>(Object.entries(REASONS)).get(code);
  return holds === undefined || holds(evidence) ? null : `${code}: no such thing has happened`;
}
