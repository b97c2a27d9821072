import { seededRandom } from '../random.ts';

/** What a user keeps on the card: photos, notes, long and odd names. By path, `/` between names. */
export function someUserFiles(): ReadonlyMap<string, Uint8Array> {
  const random = seededRandom('user files');
  return new Map<string, Uint8Array>([
    ['DCIM/100MEDIA/IMG_0001.JPG', random(48_123)],
    ['DCIM/100MEDIA/IMG_0002.JPG', random(65_536)],
    ['DCIM/100MEDIA/A rather long name of a video, cut twice.mov', random(150_001)],
    ['Notes for the journey — été.txt', Buffer.from('Passport, tickets, keys.\n')],
    ['UPDATE.TRG', Buffer.from('A file of the user that has the name of a trigger, in another folder.\n')],
    ['empty.txt', new Uint8Array()],
  ]);
}
