/** How a run ended. `refused` means that nothing was committed to the device. */
export type Verdict = 'applied' | 'unchanged' | 'rejected' | 'failed' | 'indeterminate' | 'refused';

export interface Fault {
  /** Exit status of the command line. */
  readonly exit: 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 130;
  readonly verdict: Verdict;
  /** What it means, in one sentence for people. */
  readonly meaning: string;
  /** What to do now; empty where there is nothing to do. */
  readonly remedy: string;
}

/** What to do now, each sentence once. */
const REMEDIES = {
  none: '',
  repeat: 'Repeat the command.',
  'repeat-when-back': 'Plug the device in and repeat the command: it first finds out how this update ended.',
  replug: 'Unplug the device, plug it in again, and repeat the command.',
  'check-card': 'Check the card for errors, plug the device in again, and repeat the command.',
  'replug-board': 'Unplug the board, plug it in again so that it starts its bootloader, and repeat the command.',
  'see-if-it-starts':
    'See whether the new firmware starts. Where the flash memory can be read, that is proof: start the bootloader again and run `spacepack verify IMAGE --device`.',
  'update-board': 'To install it, run `spacepack update` with this image.',
  'format-card': 'Save your files, format the card as FAT32 with a Master Boot Record, and plug the device in again.',
  'ask-maker': 'Ask the maker for an image that fits, and compare its checksum with the published one.',
  'update-spacepack': 'Update spacepack.',
  'restore-site':
    'Nothing was signed. Find out who changed it, restore it from a copy that you trust, and repeat the command.',
  'wait-for-run': 'Wait until it has ended and repeat the command.',
  report: 'Please report this with the output of `spacepack doctor`.',
  'see-help': 'See `spacepack --help`.',
  'give-key': 'Give an Ed25519 key in PEM: the public one to check an image, the private one to sign it.',
  'follow-findings': 'Do what the findings say, and run `spacepack doctor` again.',
  'plug-in':
    'Plug the device in; while it updates itself, wait until it is back. If it is plugged in, run `spacepack doctor`.',
  'choose-one': 'Choose one with --device ID, or all with --all.',
  'unplug-others': 'Unplug all but the one that you mean, and repeat the command.',
  'choose-again': 'Run `spacepack list`, and choose again.',
  'check-path': 'Check the path and the permissions.',
  'allow-downgrade': 'To go back on purpose, use --allow-downgrade.',
  'keep-file-still': 'Make sure that nothing changes the file, and repeat the command.',
  'charge-and-ping': 'Charge the device, run `spacepack ping` to refresh its reading, and repeat the command.',
  'check-network': 'Check the network, the proxy and the address of the channel, and repeat the command.',
  'check-address': 'Check the network, the proxy and the address, and repeat the command.',
  'unpack-yourself': 'Unpack it yourself, and give the file with the image.',
  'check-date': "Check this computer's date; if it is right, the maker must refresh the channel.",
  'do-not-install': 'Do not install from it; tell the maker.',
  'update-or-tell-maker': 'Update spacepack; if that does not help, tell the maker.',
  'resume-download': 'Repeat the command: a download resumes where it stopped.',
  'insert-card': 'Insert a card and repeat the command.',
  mount: 'Mount it and repeat the command.',
  'allow-writing': 'Move the lock switch of the card, or mount it for writing, and repeat the command.',
  'make-room': 'Delete or move some files and repeat the command.',
  'give-access': 'Give this program access to the volume and repeat the command.',
  'close-programs': 'Close the programs that use it and repeat the command.',
  'clean-folder': 'Look in the folder, remove what you do not want to keep, and repeat the command.',
  'see-info': 'Run `spacepack info`; the card may belong to another device.',
  'replace-card': 'Check the card for errors, or use another one.',
  'see-doctor': 'Run `spacepack doctor`.',
  'make-room-here':
    'Make room there and check the permissions, or choose other folders with SPACEPACK_STATE_DIR and SPACEPACK_CONFIG_DIR.',
  'wait-for-device': 'Wait until the device has left and come back, and repeat the command.',
  charge: 'Charge the device and repeat the command.',
  'update-and-read': 'Update spacepack, and read what the device says.',
  'check-target': 'Check that the chip has power and is connected, and repeat the command.',
  'repeat-or-service': 'Repeat the command; if it fails again, the device needs service.',
  'install-other': 'Install another version, or this one again.',
  'charge-plugged-in': 'Charge the device, leave it plugged in, and repeat the command.',
  'repeat-or-ask-maker': 'Repeat the command; if it fails again, ask the maker.',
  'update-or-ask-maker': 'Update spacepack, and repeat the command; if it fails again, ask the maker.',
  'eject-and-replug':
    'Eject the volume, unplug the device, plug it in and repeat the command: it first finds out how this update ended.',
  'mount-and-repeat': 'Mount the volume and repeat the command: it first finds out how this update ended.',
  'fix-profile': 'Fix what is named, and run `spacepack profile check FILE`.',
  'fewer-profiles': 'Give --profile only the one that is meant, or say in it more of what tells its devices apart.',
  'restart-and-see': 'Restart the device, and look whether the new firmware runs.',
  decide: 'Run `spacepack info`, then decide.',
  'see-info-and-repeat': 'Run `spacepack info`, then repeat the command.',
};

type Row = readonly [exit: Fault['exit'], verdict: Verdict, meaning: string, remedy: keyof typeof REMEDIES];

// Plain literals, so that the codes can be derived from them (`isolatedDeclarations`).
// biome-ignore format: a table is read row by row, one line each
const ROWS = {
  // answered
  applied: [0, 'applied', 'The new firmware runs.', 'none'],
  'already-current': [0, 'unchanged', 'The device runs this firmware already.', 'none'],
  'ping-answered': [0, 'unchanged', 'The device left, came back and echoed the ping.', 'none'],
  'would-apply': [0, 'unchanged', 'All checks passed; nothing was written (--dry-run).', 'none'],
  'flash-holds': [0, 'unchanged', 'The flash memory of the board holds this image.', 'none'],
  'action-done': [0, 'unchanged', 'The device did what it was told, and shows it.', 'none'],
  answered: [0, 'unchanged', 'The question was answered.', 'none'],

  // the command itself
  unexpected: [1, 'refused', 'Something went wrong inside spacepack.', 'report'],
  usage: [2, 'refused', 'The command line was not understood.', 'see-help'],
  'key-unusable': [2, 'refused', 'The key or its passphrase could not be used.', 'give-key'],
  'profile-invalid': [2, 'refused', 'The profile of a device cannot be understood.', 'fix-profile'],
  interrupted: [130, 'refused', 'Interrupted before this run had committed anything.', 'repeat'],
  'not-ready': [6, 'refused', 'Something stands in the way of an update.', 'follow-findings'],
  'not-in-time': [6, 'refused', 'The time allowed by --timeout was used up before anything was committed.', 'repeat'],

  // which device
  'no-device': [3, 'refused', 'No device was found.', 'plug-in'],
  'several-devices': [4, 'refused', 'Several devices fit and none was chosen.', 'choose-one'],
  'devices-alike': [4, 'refused', 'Two devices cannot be told apart, so neither was touched.', 'unplug-others'],
  'profiles-clash': [4, 'refused', 'Several kinds of devices claim one drive, so it was not touched.', 'fewer-profiles'],
  'other-device': [3, 'refused', 'The device that is there is not the one that was chosen.', 'choose-again'],

  // refused before anything was written
  'image-unreadable': [5, 'refused', 'The image file could not be read.', 'check-path'],
  'image-packed': [5, 'refused', 'The packed file does not hold exactly one image that can be unpacked.', 'unpack-yourself'],
  'image-unreachable': [6, 'refused', 'The image could not be downloaded from its address.', 'check-address'],
  'image-truncated': [5, 'refused', 'The file is too short for what it says it holds.', 'ask-maker'],
  'image-suffix': [5, 'refused', 'The file does not end like an image for this device.', 'ask-maker'],
  'image-structure': [5, 'refused', 'The file is not built like an image for this device.', 'ask-maker'],
  'image-hash': [5, 'refused', 'The image does not match its own SHA-256.', 'ask-maker'],
  'image-signature': [5, 'refused', "The image is not signed by the maker's key.", 'ask-maker'],
  'image-wrong-device': [5, 'refused', 'The image is for another product.', 'ask-maker'],
  'image-wrong-hardware': [5, 'refused', 'The image is for another hardware revision.', 'ask-maker'],
  'image-too-large': [5, 'refused', 'The image is larger than the device accepts.', 'ask-maker'],
  'image-downgrade': [5, 'refused', 'The image is older than the running firmware.', 'allow-downgrade'],
  'image-rollback': [5, 'refused', "The image's security counter is below the device's floor; no option overrides this.", 'ask-maker'],
  'image-changed': [5, 'refused', 'The image file changed while it was being written.', 'keep-file-still'],
  'battery-low': [5, 'refused', "The device's battery is too low for an update.", 'charge-and-ping'],
  'protocol-unknown': [5, 'refused', 'The device speaks a version of the protocol that this spacepack does not know.', 'update-spacepack'],

  // the channel that images come from
  'channel-unreachable': [6, 'refused', 'The channel could not be reached.', 'check-network'],
  'channel-expired': [5, 'refused', "The channel's data is out of date and no longer trusted.", 'check-date'],
  'channel-untrusted': [5, 'refused', "The channel's data is not signed as its trust root requires, or goes back on what it said before.", 'do-not-install'],
  'channel-malformed': [5, 'refused', 'The channel is signed, but what it says about a release cannot be understood.', 'update-or-tell-maker'],
  'download-failed': [6, 'refused', 'The image could not be downloaded from the channel.', 'resume-download'],
  'channel-changed': [5, 'refused', 'The folder of the channel is not what its keys have published.', 'restore-site'],
  'channel-busy': [10, 'refused', 'Another run is publishing to the channel.', 'wait-for-run'],

  // the volume cannot be used
  'card-missing': [6, 'refused', 'The device has no card in it.', 'insert-card'],
  'card-gpt': [6, 'refused', 'The card has a GPT; the device reads MBR only.', 'format-card'],
  'card-no-partition-table': [6, 'refused', 'The card has no partition table; the device needs an MBR.', 'format-card'],
  'card-file-system': [6, 'refused', 'The card has no FAT volume that the device can read.', 'format-card'],
  'volume-not-mounted': [6, 'refused', "The device's volume is not mounted.", 'mount'],
  'volume-read-only': [6, 'refused', 'The volume is read-only.', 'allow-writing'],
  'volume-full': [6, 'refused', 'The volume has too little free space.', 'make-room'],
  'volume-permission': [6, 'refused', 'The system does not let this program use the volume.', 'give-access'],
  'volume-busy': [6, 'refused', 'Another program holds the volume.', 'close-programs'],
  'volume-io': [6, 'refused', 'Reading or writing the volume failed.', 'replug'],
  'volume-stalled': [6, 'refused', 'The volume stopped answering.', 'replug'],
  'volume-gone': [6, 'refused', 'The device left, or its volume was unmounted.', 'replug'],
  'volume-foreign': [6, 'refused', 'Something that spacepack did not write is where a file of the update belongs.', 'clean-folder'],
  'info-missing': [6, 'refused', 'The device has not written all of its own files.', 'replug'],
  'info-malformed': [6, 'refused', 'What the device wrote about itself cannot be understood.', 'replug'],
  'info-serial': [6, 'refused', "The serial in the device's files is not its USB serial: the card belongs to another device.", 'replug'],
  'info-model': [6, 'refused', "The device's files name a different model.", 'see-info'],
  'info-stale': [6, 'refused', "The device's files are old: they are not what it says about itself over USB.", 'check-card'],
  'readback-differs': [6, 'refused', 'What was read back from the card is not what was written.', 'replace-card'],
  'listing-failed': [6, 'refused', "The system's list of drives could not be read.", 'see-doctor'],
  'own-disk': [6, 'refused', "This computer's own disk, where spacepack keeps its own files, could not be used.", 'make-room-here'],
  'trigger-not-written': [6, 'refused', 'What commits did not reach the device, so nothing was committed.', 'repeat'],

  // another run
  'device-locked': [10, 'refused', 'Another run holds the device.', 'wait-for-run'],
  'device-busy': [10, 'refused', 'An update that this run did not start has not ended yet.', 'wait-for-device'],

  // the device said no: protocol §6.3
  'rejected-stale': [7, 'rejected', 'The device considered the trigger stale.', 'repeat'],
  'rejected-trigger': [7, 'rejected', 'The device could not understand the trigger.', 'update-spacepack'],
  'rejected-length': [7, 'rejected', 'The payload on the card did not have the announced length.', 'repeat'],
  'rejected-crc': [7, 'rejected', 'The payload on the card failed its CRC.', 'repeat'],
  'rejected-digest': [7, 'rejected', 'The payload on the card failed its digest.', 'repeat'],
  'rejected-signature': [7, 'rejected', 'The device does not trust the signature of the image.', 'ask-maker'],
  'rejected-wrong-device': [7, 'rejected', 'The device says that the image is for another device.', 'ask-maker'],
  'rejected-wrong-hardware': [7, 'rejected', 'The device says that the image is for another hardware revision.', 'ask-maker'],
  'rejected-rollback': [7, 'rejected', 'The device refuses to go back to this version.', 'ask-maker'],
  'rejected-low-battery': [7, 'rejected', "The device's battery was too low.", 'charge'],
  'rejected-no-space': [7, 'rejected', "The image does not fit in the device's flash memory.", 'ask-maker'],
  'rejected-image': [7, 'rejected', 'The device does not take this file.', 'ask-maker'],
  'rejected-other': [7, 'rejected', 'The device rejected the update for a reason that this spacepack does not know.', 'update-and-read'],

  // the device failed while applying: protocol §6.3
  'failed-flash': [8, 'failed', "The device's flash memory reported an error.", 'repeat-or-service'],
  'failed-verify': [8, 'failed', "The device's flash memory does not hold what was written.", 'repeat-or-service'],
  'failed-did-not-start': [8, 'failed', 'The new firmware did not start.', 'install-other'],
  'failed-interrupted': [8, 'failed', 'The device lost power while it was updating.', 'charge-plugged-in'],
  'failed-transfer': [8, 'failed', 'The device says that the file did not reach it whole and in order.', 'repeat'],
  'failed-target': [8, 'failed', 'The device could not write to the chip that it programs.', 'check-target'],
  'failed-internal': [8, 'failed', 'The device reports an internal error.', 'repeat-or-ask-maker'],
  'failed-other': [8, 'failed', 'The device failed for a reason that this spacepack does not know.', 'update-or-ask-maker'],
  'nothing-taken': [7, 'rejected', 'The board took nothing of what was written.', 'ask-maker'],
  'flash-differs': [8, 'failed', 'The flash memory of the board does not hold what was written.', 'replug-board'],
  'flash-holds-other': [8, 'failed', 'The flash memory of the board does not hold this image.', 'update-board'],
  'not-applied': [8, 'failed', 'The device came back with its old firmware and gave no answer.', 'repeat'],

  // no proof either way
  received: [9, 'indeterminate', 'Everything was received, nothing objected, and the board left; its flash memory was not read.', 'see-if-it-starts'],
  'rewritten-last': [9, 'indeterminate', 'The flash memory held the new firmware; the board then wrote a part of it once more and left.', 'see-if-it-starts'],
  'flash-unread': [9, 'indeterminate', 'Blocks were sent, and what the flash memory holds now could not be read.', 'replug-board'],
  'flash-unreadable': [9, 'indeterminate', 'The flash memory of the board could not be read, so what it holds is not known.', 'see-doctor'],
  'left-while-writing': [9, 'indeterminate', 'The device left, or was unmounted, while its flash memory was being written.', 'replug-board'],
  'never-left': [9, 'indeterminate', 'The device did not leave.', 'eject-and-replug'],
  'never-returned': [9, 'indeterminate', 'The device left, and was not seen to come back.', 'repeat-when-back'],
  'returned-unmounted': [9, 'indeterminate', 'The device came back, but its volume could not be mounted.', 'mount-and-repeat'],
  'returned-unreadable': [9, 'indeterminate', 'The device came back, but its files cannot be read.', 'check-card'],
  'returned-stale': [9, 'indeterminate', 'The device came back, but its files are old: the card may be damaged.', 'check-card'],
  'returned-bootloader': [9, 'indeterminate', 'The device came back in its bootloader and gave no answer to this update.', 'repeat'],
  written: [9, 'indeterminate', 'The device holds the whole firmware; that it starts was not seen.', 'restart-and-see'],
  'returned-other': [9, 'indeterminate', 'The device runs firmware that is neither the old nor the new one.', 'decide'],
  'no-answer': [9, 'indeterminate', 'The device came back and has not said how the update ended.', 'repeat'],
  contradiction: [9, 'indeterminate', "The device's answer and the firmware that it runs contradict each other.", 'see-info-and-repeat'],
  'action-unproven': [9, 'indeterminate', 'The device was told what to do, but does not show that it did it.', 'decide'],
  'ping-unanswered': [9, 'indeterminate', 'The device came back without echoing the ping.', 'repeat'],
  'timed-out': [9, 'indeterminate', 'The time allowed by --timeout was used up after the commit.', 'repeat-when-back'],
  abandoned: [9, 'indeterminate', 'Interrupted after the commit: the device continues by itself.', 'repeat-when-back'],
  'lost-track': [9, 'indeterminate', 'An update is committed, but how it ended could not be found out: the device continues by itself.', 'repeat-when-back'],
} as const;

/** Every code that a run can end with. The codes are an interface: they change only with a note in the changelog. */
export type FaultCode = keyof typeof ROWS;

/** The table of all codes, in the order of the documentation. */
export const FAULTS: Readonly<Record<FaultCode, Fault>> = Object.fromEntries(
  Object.entries<Row>(ROWS).map(([code, [exit, verdict, meaning, remedy]]) => [
    code,
    { exit, verdict, meaning, remedy: REMEDIES[remedy] },
  ]),
) as unknown as Readonly<Record<FaultCode, Fault>>;

export function isFaultCode(text: string): text is FaultCode {
  return Object.hasOwn(FAULTS, text);
}
