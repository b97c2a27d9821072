import type { DeviceCode } from './spacepack/codes.ts';

/** How a run ended. `refused` means that nothing was committed to the device. */
export type Verdict = 'applied' | 'unchanged' | 'rejected' | 'failed' | 'indeterminate' | 'refused';

export interface Fault {
  /** Exit status of the command line. */
  readonly exit: 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 130;
  readonly verdict: Verdict;
  /** What it means, one sentence for people. */
  readonly meaning: string;
  /** What to do now; empty where there is nothing to do. */
  readonly remedy: string;
}

/** The device's codes that go with the state `rejected` (protocol §6.2). */
type RejectedCode =
  | Exclude<DeviceCode, 'none' | 'flash' | 'verify' | 'did-not-start' | 'interrupted' | 'internal'>
  | 'other';

type Row = readonly [exit: Fault['exit'], verdict: Verdict, meaning: string, remedy: string];

const REPLUG = 'Unplug the device, plug it in again, and repeat the command.';
const CHECK_CARD = 'Check the card for errors, plug the device in again, and repeat the command.';
const FORMAT_CARD =
  'Save your files, format the card as FAT32 with a Master Boot Record, and plug the device in again.';
const REPEAT = 'Repeat the command.';
const REPEAT_WHEN_BACK = 'Plug the device in and repeat the command: it first finds out how this update ended.';
const ASK_MAKER = 'Ask the maker for an image that fits, and compare its checksum with the published one.';

/** Every code a run can end with. The codes are an interface: changed only with a note in the changelog. */
export type FaultCode =
  | `rejected-${RejectedCode}`
  | 'applied'
  | 'already-current'
  | 'ping-answered'
  | 'would-apply'
  | 'answered'
  | 'unexpected'
  | 'usage'
  | 'key-unusable'
  | 'interrupted'
  | 'no-device'
  | 'several-devices'
  | 'devices-alike'
  | 'other-device'
  | 'image-unreadable'
  | 'image-truncated'
  | 'image-suffix'
  | 'image-structure'
  | 'image-hash'
  | 'image-signature'
  | 'image-wrong-device'
  | 'image-wrong-hardware'
  | 'image-too-large'
  | 'image-downgrade'
  | 'image-rollback'
  | 'image-changed'
  | 'battery-low'
  | 'protocol-unknown'
  | 'channel-unreachable'
  | 'channel-expired'
  | 'channel-untrusted'
  | 'channel-malformed'
  | 'download-failed'
  | 'channel-busy'
  | 'not-in-time'
  | 'not-ready'
  | 'card-missing'
  | 'card-gpt'
  | 'card-no-partition-table'
  | 'card-file-system'
  | 'volume-not-mounted'
  | 'volume-read-only'
  | 'volume-full'
  | 'volume-permission'
  | 'volume-busy'
  | 'volume-io'
  | 'volume-stalled'
  | 'volume-gone'
  | 'volume-foreign'
  | 'info-missing'
  | 'info-malformed'
  | 'info-serial'
  | 'info-model'
  | 'info-stale'
  | 'readback-differs'
  | 'listing-failed'
  | 'own-disk'
  | 'trigger-not-written'
  | 'device-locked'
  | 'device-busy'
  | 'failed-flash'
  | 'failed-verify'
  | 'failed-did-not-start'
  | 'failed-interrupted'
  | 'failed-internal'
  | 'failed-other'
  | 'not-applied'
  | 'never-left'
  | 'never-returned'
  | 'returned-unmounted'
  | 'returned-unreadable'
  | 'returned-stale'
  | 'returned-bootloader'
  | 'returned-other'
  | 'no-answer'
  | 'contradiction'
  | 'ping-unanswered'
  | 'timed-out'
  | 'abandoned'
  | 'lost-track';

const ROWS: Readonly<Record<FaultCode, Row>> = {
  // answered
  applied: [0, 'applied', 'The new firmware runs.', ''],
  'already-current': [0, 'unchanged', 'The device runs this firmware already.', ''],
  'ping-answered': [0, 'unchanged', 'The device left, came back and echoed the ping.', ''],

  'would-apply': [0, 'unchanged', 'All checks passed; nothing was written (--dry-run).', ''],

  answered: [0, 'unchanged', 'The question was answered.', ''],

  // the command itself
  unexpected: [
    1,
    'refused',
    'Something went wrong inside spacepack.',
    'Please report this with the output of `spacepack doctor`.',
  ],
  usage: [2, 'refused', 'The command line was not understood.', 'See `spacepack --help`.'],
  'key-unusable': [
    2,
    'refused',
    'The key or its passphrase could not be used.',
    'Give an Ed25519 key in PEM: the public one to check an image, the private one to sign it.',
  ],
  interrupted: [130, 'refused', 'Interrupted before this run had committed anything.', REPEAT],

  'not-ready': [
    6,
    'refused',
    'Something stands in the way of an update.',
    'Do what the findings say, and run `spacepack doctor` again.',
  ],
  'not-in-time': [6, 'refused', 'The time allowed by --timeout was used up before anything was committed.', REPEAT],

  // which device
  'no-device': [
    3,
    'refused',
    'No device was found.',
    'Plug the device in; while it updates itself, wait until it is back. If it is plugged in, run `spacepack doctor`.',
  ],
  'several-devices': [
    4,
    'refused',
    'Several devices fit and none was chosen.',
    'Choose one with --device ID, or all with --all.',
  ],
  'devices-alike': [
    4,
    'refused',
    'Two devices cannot be told apart, so neither was touched.',
    'Unplug all but the one that is meant, and repeat the command.',
  ],
  'other-device': [
    3,
    'refused',
    'The device that is there is not the one that was chosen.',
    'Run `spacepack list`, and choose again.',
  ],

  // refused before anything was written
  'image-unreadable': [5, 'refused', 'The image file could not be read.', 'Check the path and the permissions.'],
  'image-truncated': [5, 'refused', 'The file is too short for what it says it holds.', ASK_MAKER],
  'image-suffix': [5, 'refused', 'The file has no valid DFU suffix.', ASK_MAKER],
  'image-structure': [5, 'refused', 'The file is no valid MCUboot image.', ASK_MAKER],
  'image-hash': [5, 'refused', 'The image does not match its own SHA-256.', ASK_MAKER],
  'image-signature': [5, 'refused', "The image is not signed by the maker's key.", ASK_MAKER],
  'image-wrong-device': [5, 'refused', 'The image is for another product.', ASK_MAKER],
  'image-wrong-hardware': [5, 'refused', 'The image is for another hardware revision.', ASK_MAKER],
  'image-too-large': [5, 'refused', 'The image is larger than the device takes.', ASK_MAKER],
  'image-downgrade': [
    5,
    'refused',
    'The image is older than the running firmware.',
    'To go back on purpose, use --allow-downgrade.',
  ],
  'image-rollback': [
    5,
    'refused',
    "The image's security counter is below the device's floor; no option overrides this.",
    ASK_MAKER,
  ],
  'image-changed': [
    5,
    'refused',
    'The image file changed while it was being written.',
    'Keep the file still and repeat the command.',
  ],
  'battery-low': [
    5,
    'refused',
    "The device's battery is too low for an update.",
    'Charge the device, run `spacepack ping` to refresh its reading, and repeat the command.',
  ],
  'protocol-unknown': [
    5,
    'refused',
    'The device speaks a version of the protocol that this spacepack does not know.',
    'Update spacepack.',
  ],

  // the channel that images come from
  'channel-unreachable': [
    6,
    'refused',
    'The channel could not be reached.',
    'Check the network, the proxy and the address of the channel, and repeat the command.',
  ],
  'channel-expired': [
    5,
    'refused',
    'What the channel says is out of date and no longer trusted.',
    "Check this computer's date; if it is right, the maker must refresh the channel.",
  ],
  'channel-untrusted': [
    5,
    'refused',
    'What the channel says is not signed as its trust root demands, or takes back what it said before.',
    'Do not install from it; tell the maker.',
  ],
  'channel-malformed': [
    5,
    'refused',
    'The channel is signed, but what it says of a release cannot be understood.',
    'Update spacepack; if that does not help, tell the maker.',
  ],
  'download-failed': [
    6,
    'refused',
    'The image could not be downloaded from the channel.',
    'Repeat the command: a download goes on where it ended.',
  ],

  'channel-busy': [
    10,
    'refused',
    'Another run is publishing to the channel.',
    'Wait until it has ended and repeat the command.',
  ],

  // the volume would not do
  'card-missing': [6, 'refused', 'The device has no card in it.', 'Insert a card and repeat the command.'],
  'card-gpt': [6, 'refused', 'The card has a GPT; the device reads MBR only.', FORMAT_CARD],
  'card-no-partition-table': [6, 'refused', 'The card has no partition table; the device needs an MBR.', FORMAT_CARD],
  'card-file-system': [6, 'refused', 'The card has no FAT volume that the device can read.', FORMAT_CARD],
  'volume-not-mounted': [6, 'refused', "The device's volume is not mounted.", 'Mount it and repeat the command.'],
  'volume-read-only': [
    6,
    'refused',
    'The volume is read-only.',
    'Move the lock switch of the card, or mount it for writing, and repeat the command.',
  ],
  'volume-full': [
    6,
    'refused',
    'The volume has too little free space.',
    'Delete or move some files and repeat the command.',
  ],
  'volume-permission': [
    6,
    'refused',
    'The system does not let this program use the volume.',
    'Give this program access to the volume and repeat the command.',
  ],
  'volume-busy': [
    6,
    'refused',
    'Another program holds the volume.',
    'Close the programs that use it and repeat the command.',
  ],
  'volume-io': [6, 'refused', 'Reading or writing the volume failed.', REPLUG],
  'volume-stalled': [6, 'refused', 'The volume stopped answering.', REPLUG],
  'volume-gone': [6, 'refused', 'The device left, or its volume was unmounted.', REPLUG],
  'volume-foreign': [
    6,
    'refused',
    'The folder SPACEPAK holds something that is not a regular file where one belongs.',
    'Look into the folder, remove what is not yours to keep, and repeat the command.',
  ],
  'info-missing': [6, 'refused', 'The device has not written SPACEPAK/INFO.TXT and SPACEPAK/STATUS.TXT.', REPLUG],
  'info-malformed': [6, 'refused', 'SPACEPAK/INFO.TXT cannot be understood.', REPLUG],
  'info-serial': [
    6,
    'refused',
    "The serial in INFO.TXT is not the device's USB serial: the card belongs to another device.",
    REPLUG,
  ],
  'info-model': [
    6,
    'refused',
    'INFO.TXT names another model than this device is.',
    'Run `spacepack info`; the card may belong to another device.',
  ],
  'info-stale': [
    6,
    'refused',
    'SPACEPAK/INFO.TXT is an old one: it is not what the device says of itself over USB.',
    CHECK_CARD,
  ],
  'readback-differs': [
    6,
    'refused',
    'What was read back from the card is not what was written.',
    'Check the card for errors, or use another one.',
  ],
  'listing-failed': [6, 'refused', "The system's list of drives could not be read.", 'Run `spacepack doctor`.'],
  'own-disk': [
    6,
    'refused',
    "This computer's own disk, where spacepack keeps what it must remember, could not be used.",
    'Make room there and check the permissions, or choose other folders with SPACEPACK_STATE_DIR and SPACEPACK_CONFIG_DIR.',
  ],
  'trigger-not-written': [6, 'refused', 'The trigger did not reach the device; nothing was committed.', REPEAT],

  // another run
  'device-locked': [10, 'refused', 'Another run holds the device.', 'Wait until it has ended and repeat the command.'],
  'device-busy': [
    10,
    'refused',
    'An update that this run did not begin has not ended yet.',
    'Wait until the device has left and come back, and repeat the command.',
  ],

  // the device said no: protocol §6.3
  'rejected-stale': [7, 'rejected', 'The device took the trigger for a stale one.', REPEAT],
  'rejected-trigger': [7, 'rejected', 'The device could not understand the trigger.', 'Update spacepack.'],
  'rejected-length': [7, 'rejected', 'The payload on the card did not have the announced length.', REPEAT],
  'rejected-crc': [7, 'rejected', 'The payload on the card failed its CRC.', REPEAT],
  'rejected-digest': [7, 'rejected', 'The payload on the card failed its digest.', REPEAT],
  'rejected-signature': [7, 'rejected', 'The device does not trust the signature of the image.', ASK_MAKER],
  'rejected-wrong-device': [7, 'rejected', 'The device says that the image is for another device.', ASK_MAKER],
  'rejected-wrong-hardware': [
    7,
    'rejected',
    'The device says that the image is for another hardware revision.',
    ASK_MAKER,
  ],
  'rejected-rollback': [7, 'rejected', 'The device refuses to go back to this version.', ASK_MAKER],
  'rejected-low-battery': [
    7,
    'rejected',
    "The device's battery was too low.",
    'Charge the device and repeat the command.',
  ],
  'rejected-no-space': [7, 'rejected', "The image does not fit in the device's flash memory.", ASK_MAKER],
  'rejected-other': [
    7,
    'rejected',
    'The device rejected the update for a reason that this spacepack does not know.',
    'Update spacepack, and read what the device says.',
  ],

  // the device failed while applying: protocol §6.3
  'failed-flash': [
    8,
    'failed',
    "The device's flash memory reported an error.",
    'Repeat the command; if it fails again, the device needs service.',
  ],
  'failed-verify': [
    8,
    'failed',
    "The device's flash memory does not hold what was written.",
    'Repeat the command; if it fails again, the device needs service.',
  ],
  'failed-did-not-start': [
    8,
    'failed',
    'The new firmware did not start.',
    'Install another version, or this one again.',
  ],
  'failed-interrupted': [
    8,
    'failed',
    'The device lost power while it was updating.',
    'Charge the device, leave it plugged in, and repeat the command.',
  ],
  'failed-internal': [
    8,
    'failed',
    'The device reports an internal error.',
    'Repeat the command; if it fails again, ask the maker.',
  ],
  'failed-other': [
    8,
    'failed',
    'The device failed for a reason that this spacepack does not know.',
    'Update spacepack, and repeat the command; if it fails again, ask the maker.',
  ],
  'not-applied': [8, 'failed', 'The device came back with its old firmware and gave no answer.', REPEAT],

  // no proof either way
  'never-left': [
    9,
    'indeterminate',
    'The device did not leave.',
    'Eject the volume, unplug the device, plug it in and repeat the command: it first finds out how this update ended.',
  ],
  'never-returned': [9, 'indeterminate', 'The device left, and was not seen to come back.', REPEAT_WHEN_BACK],
  'returned-unmounted': [
    9,
    'indeterminate',
    'The device came back, but its volume could not be mounted.',
    'Mount the volume and repeat the command: it first finds out how this update ended.',
  ],
  'returned-unreadable': [
    9,
    'indeterminate',
    'The device came back, but its INFO.TXT or STATUS.TXT cannot be read.',
    CHECK_CARD,
  ],
  'returned-stale': [
    9,
    'indeterminate',
    'The device came back, but its INFO.TXT is an old one: the card may be damaged.',
    CHECK_CARD,
  ],
  'returned-bootloader': [
    9,
    'indeterminate',
    'The device came back in its bootloader and gave no answer to this update.',
    REPEAT,
  ],
  'returned-other': [
    9,
    'indeterminate',
    'The device runs firmware that is neither the old nor the new one.',
    'Run `spacepack info`, then decide.',
  ],
  'no-answer': [9, 'indeterminate', 'The device came back and has not said how the update ended.', REPEAT],
  contradiction: [
    9,
    'indeterminate',
    "The device's answer and the firmware that it runs contradict each other.",
    'Run `spacepack info`, then repeat the command.',
  ],
  'ping-unanswered': [9, 'indeterminate', 'The device came back without echoing the ping.', REPEAT],
  'timed-out': [9, 'indeterminate', 'The time allowed by --timeout was used up after the commit.', REPEAT_WHEN_BACK],
  abandoned: [9, 'indeterminate', 'Interrupted after the commit: the device goes on by itself.', REPEAT_WHEN_BACK],
  'lost-track': [
    9,
    'indeterminate',
    'An update is committed, and how it ended could not be found out: the device goes on by itself.',
    REPEAT_WHEN_BACK,
  ],
};

/** The table of all codes, in the order of the documentation. */
export const FAULTS: Readonly<Record<FaultCode, Fault>> = Object.fromEntries(
  Object.entries(ROWS).map(([code, [exit, verdict, meaning, remedy]]) => [code, { exit, verdict, meaning, remedy }]),
) as unknown as Readonly<Record<FaultCode, Fault>>;

export function isFaultCode(text: string): text is FaultCode {
  return Object.hasOwn(FAULTS, text);
}
