import { fatContent } from '../fake-volume/cards/fat/content.ts';
import { formatCard } from '../fake-volume/cards/fat/format.ts';
import { sectorsOf } from '../fake-volume/cards/fat/sectors.ts';
import { seededRandom } from '../fake-volume/random.ts';

const MIB = 1024 * 1024;

/** The cards that a SpacePack is delivered with, by the width of their FAT. */
const CARDS = {
  12: { sizeBytes: 16 * MIB, clusterSectors: 16 },
  16: { sizeBytes: 64 * MIB, clusterSectors: 4 },
  32: { sizeBytes: 64 * MIB, clusterSectors: 1 },
} as const;

const kept = new Map<number, Buffer>();

/** A card of a user, called `Untitled 1` as macOS names it, full of files. Each call gives a card of its own. */
export function cardOfUser(bits: 12 | 16 | 32 = 32): Buffer {
  const image = kept.get(bits) ?? fill(formatCard({ bits, label: 'Untitled 1', ...CARDS[bits] }));
  kept.set(bits, image);
  return Buffer.from(image);
}

function fill(image: Buffer): Buffer {
  const content = fatContent(sectorsOf(image));
  for (const [path, bytes] of manyFiles()) content.write(path, bytes);
  return image;
}

const ODD_NAMES = [
  'Notes for the journey — été.txt',
  '日本語のファイル名.txt',
  '$(reboot); rm -rf *.txt',
  '.hidden',
  '._UPDATE.TRG',
  'UPDATE.TRG',
  'SPACEPAK.TXT',
  `${'A very long name that fills many entries of the folder '.repeat(4)}.mov`,
  "it's 100 % [odd] {really} #1 & more.jpg",
  'twins.TXT.txt',
  '🎒 packed.png',
];

/** A few hundred files: small and large, in folders, with long and odd names. */
function manyFiles(): ReadonlyMap<string, Uint8Array> {
  const random = seededRandom('a full card');
  const files = new Map<string, Uint8Array>();
  for (const [index, name] of ODD_NAMES.entries()) files.set(name, random(100 + 700 * index));
  for (let index = 1; index <= 240; index += 1) {
    const number = String(index).padStart(4, '0');
    const folder = `DCIM/10${index % 3}MEDIA`;
    files.set(
      index % 5 === 0 ? `${folder}/Picture number ${index}.jpeg` : `${folder}/IMG_${number}.JPG`,
      random(index * 17),
    );
  }
  for (const name of ['first', 'second']) files.set(`Films/The ${name} film of the journey.mov`, random(3 * MIB + 1));
  files.set('empty.txt', new Uint8Array());
  return files;
}
