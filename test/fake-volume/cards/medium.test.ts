import { describe, expect, test } from 'vitest';
import { RESERVED, reservedPath } from './card.ts';
import {
  cardOf,
  createMedium,
  entryWithoutChain,
  FOREIGN,
  fileNode,
  freeBytes,
  type MediumNode,
  putNode,
} from './medium.ts';

const FACTS = { scheme: 'mbr', fileSystem: 'fat32', label: 'CARD', sizeBytes: 100_000 } as const;
const TRIGGER = reservedPath(RESERVED.trigger);

function cardWith(nodes: Readonly<Record<string, MediumNode>> = {}) {
  const medium = createMedium(FACTS);
  for (const [path, node] of Object.entries(nodes)) putNode(medium, path, node);
  const card = cardOf(medium);
  if (card === null) throw new TypeError('this card has a FAT volume');
  return { medium, card };
}

const FILE = fileNode(Buffer.alloc(9));

describe('a card in memory', () => {
  test.each([
    [{ scheme: 'gpt' }],
    [{ scheme: 'none' }],
    [{ fileSystem: 'exfat' }],
    [{ fileSystem: null }],
    [{ sizeBytes: 0 }],
  ] as const)('with %o is none that the device reads (protocol §1.1)', (change) => {
    expect(cardOf(createMedium({ ...FACTS, ...change }))).toBeNull();
  });

  test.each<[string, Readonly<Record<string, MediumNode>>]>([
    ['missing', {}],
    ['file', { [TRIGGER]: FILE }],
    ['twice', { [TRIGGER]: FILE, 'SPACEPAK/Update.trg': FILE }],
    ['foreign', { [TRIGGER]: FOREIGN }],
    ['foreign', { [`${TRIGGER}/a.txt`]: FILE }],
  ])('finds %s', (kind, nodes) => {
    expect(cardWith(nodes).card.find(RESERVED.trigger).kind).toBe(kind);
  });

  test.each<[string, Readonly<Record<string, MediumNode>>]>([
    ['an entry without its chain', { [TRIGGER]: entryWithoutChain(9) }],
    ['a name that is there twice', { [TRIGGER]: FILE, 'SPACEPAK/Update.trg': FILE }],
    ['what is no file', { [TRIGGER]: FOREIGN }],
  ])('leaves %s as it is', (_, nodes) => {
    const { card, medium } = cardWith(nodes);
    const before = new Map(medium.nodes);
    expect(card.chainPasses(RESERVED.trigger)).toBe(false);
    expect(card.remove(RESERVED.trigger)).toBe(false);
    expect(card.rewrite(RESERVED.trigger, Buffer.alloc(9))).toBe(false);
    expect(card.create(RESERVED.trigger, Buffer.alloc(9))).toBe(false);
    expect(medium.nodes).toEqual(before);
  });

  test('rewrites in place only as many bytes as there were', () => {
    const { card } = cardWith({ [TRIGGER]: FILE });
    expect(card.rewrite(RESERVED.trigger, Buffer.alloc(8))).toBe(false);
    expect(card.rewrite(RESERVED.trigger, Buffer.alloc(9, 1))).toBe(true);
    expect(card.read(RESERVED.trigger, 2)).toEqual(Buffer.from([1, 1]));
  });

  test('is not written to when it is damaged or write-protected', () => {
    for (const trouble of ['damaged', 'writeProtected'] as const) {
      const { card, medium } = cardWith({ [TRIGGER]: FILE });
      medium[trouble] = true;
      expect(card.remove(RESERVED.trigger)).toBe(false);
      expect(card.create(RESERVED.info, Buffer.alloc(9))).toBe(false);
    }
  });

  test('counts its free bytes in clusters', () => {
    const { medium } = cardWith({ [TRIGGER]: FILE });
    expect(freeBytes(medium)).toBe(100_000 - 4_096);
  });
});
