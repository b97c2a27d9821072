import { hexOfBytes, toHex } from '../../../protocol/hex.ts';
import type { Profile, Rule, ValuePlace, When } from '../../../protocol/profile/profile.ts';

function placeInWords(place: ValuePlace): string {
  if (place.kind === 'key') return `the value of "${place.key}"`;
  if (place.kind === 'between') return `what stands between "${place.after}" and "${place.until}"`;
  return `field ${place.field} of the first line, separated by "${place.separator}"`;
}

function whenInWords({ renamed, appeared, vanished, holds, status, isVersionChanged }: When): string {
  const says = status === null ? '' : status.place === null ? 'it' : placeInWords(status.place);
  const parts = [
    renamed !== null && `the payload has become ${renamed}`,
    appeared !== null && `${appeared} is new or has changed`,
    vanished && 'what was written last arrived whole and is gone',
    holds !== null && `${holds} begins with the bytes of the payload`,
    status !== null && `${status.file} is new or has changed, and ${says} ${status.how} "${status.text}"`,
    isVersionChanged && 'the version is another one than before',
  ];
  return parts.filter((part) => part !== false).join(', and ');
}

const MEANINGS: Readonly<Record<Rule['is'], string>> = {
  applied: 'the new firmware runs',
  written: 'the device holds the firmware, and that it starts was not seen',
  rejected: 'the device rejected it',
  failed: 'the device failed',
};

const RETURNS: Readonly<Record<Profile['returns'], string>> = {
  anew: 'it leaves and is attached anew',
  'in-place': 'it stays attached; its volume is mounted again until it says something',
  never: 'it leaves for good, so nothing about its firmware can be known',
};

function knownBy({ device: { usb, inquiry, marker } }: Profile): string {
  const ids = usb.map(({ vendorId, productId }) => `${toHex(vendorId, 4)}:${toHex(productId, 4)}`).join(' or ');
  const parts = [
    usb.length > 0 && `the USB ids ${ids}`,
    inquiry !== null && `the name ${`${inquiry.vendor} ${inquiry.product}`.trim()}`,
    marker !== null && `the file ${marker}`,
  ];
  return parts.filter((part) => part !== false).join(' and ');
}

/** What a profile says, as pairs of a heading and a phrase. */
export function inWords(profile: Profile): readonly (readonly [string, string])[] {
  const { image, write, version, verdicts, patience } = profile;
  const begins = image.begins.length === 0 ? '' : `, beginning with ${hexOfBytes(image.begins)}`;
  const how = write.isOver ? 'written over in place' : 'created';
  const trigger = write.trigger === null ? '' : `; then ${write.trigger.file}, which commits it`;
  return [
    ['known by', knownBy(profile)],
    ['image', `.${image.extension}, at most ${image.mostBytes} bytes${begins}`],
    ['writes', `${write.payload}, ${how}${trigger}`],
    ...(version === null ? [] : ([['version', `${placeInWords(version.place)} in ${version.file}`]] as const)),
    ['then', RETURNS[profile.returns]],
    ...verdicts.map(({ is, when }) => [is, `${MEANINGS[is]}, if ${whenInWords(when)}`] as const),
    ['else', 'how it ended is not known'],
    ['patience', `${patience.leaveMs} ms to leave, ${patience.awayMs} ms away, ${patience.answerMs} ms to answer`],
  ];
}
