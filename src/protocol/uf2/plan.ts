import { SpacepackError } from '../errors.ts';
import { endOfRange } from '../firmware/memory-map.ts';
import { toHex } from '../hex.ts';
import type { ImageFacts } from '../image-facts.ts';
import type { Looking } from '../steps.ts';
import { type Uf2BoardKind, uf2KindOfBoard, uf2KindOfCurrent } from './boards.ts';
import { comparePages, findCurrent, type Uf2Comparison, type Uf2Current } from './current.ts';
import { uf2FamilyOfId } from './family-ids.ts';
import type { Uf2FamilyImage } from './family-image.ts';
import { uf2ScanOf } from './format.ts';
import type { Uf2Info } from './info.ts';
import { nudgesIn, type Uf2Page, uf2PagesOf } from './pages.ts';
import type { Rp2Image } from './rp2.ts';

/** What a board says about itself, in its file and over USB. */
export interface Uf2Board {
  readonly info: Uf2Info;
  /** Vendor and product id as a family id, which the bootloader for nRF52 takes too; `null`: not known. */
  readonly usbFamilyId: number | null;
}

/** How an image goes to a board. */
export type Uf2Plan =
  /**
   * The file as it is; nothing can be read on the drive. `first`: for a block that makes the board forget an earlier
   * transfer. `shown`: what can be proven if the board's flash memory is shown beside the drive.
   */
  | {
      readonly way: 'as-is';
      readonly familyId: number | null;
      readonly first: Uf2Page | null;
      readonly shown: Rp2Image | null;
    }
  /** All pages, then a block that commits. `proof`: how they are proven; `null`: they cannot be. */
  | {
      readonly way: 'pages';
      readonly kind: Uf2BoardKind;
      readonly familyId: number | null;
      readonly pages: readonly Uf2Page[];
      readonly proof: { readonly current: Uf2Current; readonly low: number; readonly high: number } | null;
      /** What was there before anything is written, of the pages that differ; empty where nothing can be compared. */
      readonly shown: ReadonlyMap<number, Uint8Array>;
      /** Why nothing can be compared, as a clause; `null`: it can. */
      readonly unread: string | null;
    };

const UNSHOWN = 'CURRENT.UF2 shows nothing of it, or this computer has no way past its own cache';

const nameOf = (id: number | null): string =>
  id === null ? 'no family' : `${uf2FamilyOfId(id)?.name ?? 'family'} (${toHex(id, 8)})`;

function wrongDevice(expected: readonly number[], images: readonly Uf2FamilyImage[]): SpacepackError {
  const wanted = expected.map(nameOf).join(' or ') || 'one family';
  const found = images.map(({ familyId }) => nameOf(familyId)).join(', ') || 'none';
  return new SpacepackError('image-wrong-device', `Expected blocks for ${wanted}, found ${found}.`);
}

/** The part of a file that a board of a kind takes. Throws `image-wrong-device`. */
export function imageForKind(
  image: Pick<ImageFacts, 'format' | 'own'>,
  kind: Uf2BoardKind,
  ownIds: readonly (number | null)[],
): Uf2FamilyImage {
  const images = uf2ScanOf(image)?.images.filter(({ map }) => map.length > 0) ?? [];
  const known = ownIds.filter((id) => id !== null);
  const expected = [...kind.familyIds, ...known];
  const isTaken = ({ familyId }: Uf2FamilyImage): boolean =>
    familyId === null ? kind.sending === 'one-more' : expected.length === 0 || expected.includes(familyId);
  const [first, ...others] = images.filter(isTaken);
  const isOne = others.length === 0 || (kind.sending === 'as-is' && kind.familyIds.length > 0);
  if (first === undefined || !isOne) throw wrongDevice(expected, images);
  return first;
}

/** What the table says without a look at CURRENT.UF2. Throws `image-wrong-device`. */
export function requireKnownFit(image: ImageFacts, board: Uf2Board): void {
  const kind = uf2KindOfBoard(board.info);
  if (kind !== null) imageForKind(image, kind, ownIdsOf(kind, board));
}

function ownIdsOf(kind: Uf2BoardKind, { usbFamilyId }: Uf2Board): readonly (number | null)[] {
  return kind.id === 'nrf52' ? [usbFamilyId] : [];
}

/** An unknown board that shows a listed id takes that one; with an id of its own it may take others too. */
function idsShown(kind: Uf2BoardKind, current: Uf2Current | null): readonly (number | null)[] {
  const shown = current?.familyId ?? null;
  return kind.id === 'unknown' && shown !== null && uf2FamilyOfId(shown) !== null ? [shown] : [];
}

/** Sectors that are erased by the number of a block have to be whole, but for the last one. */
function requireInStep({ map, isInStep }: Uf2FamilyImage): void {
  const wrong = map.find((range, index) => {
    const isLast = index === map.length - 1;
    return range.address % 4096 !== 0 || (!isLast && endOfRange(range) % 4096 !== 0);
  });
  if (wrong === undefined && isInStep) return;
  if (wrong === undefined) {
    const message =
      'Expected 16 blocks with numbers in a row for each 4096 bytes, which this chip erases by them, found others.';
    throw new SpacepackError('image-structure', message);
  }
  const found = `${toHex(wrong.address, 8)} to ${toHex(endOfRange(wrong) - 1, 8)}`;
  const message = `Expected whole sectors of 4096 bytes, which this chip erases by the numbers of the blocks, found ${found}.`;
  throw new SpacepackError('image-structure', message);
}

function requireCovered(pages: readonly Uf2Page[], { missing }: Uf2Comparison): void {
  const [first] = missing;
  if (first === undefined) return;
  const address = toHex(pages[first]?.address ?? 0, 8);
  const found = `${missing.length} of ${pages.length} pages elsewhere, the first at ${address}`;
  throw new SpacepackError(
    'image-too-large',
    `Expected addresses that the board shows in CURRENT.UF2, found ${found}.`,
  );
}

/** Decides how an image goes to a board, by what the board shows. Throws `image-*`. */
export function* planFor(image: ImageFacts, board: Uf2Board): Looking<Uf2Plan> {
  const named = uf2KindOfBoard(board.info);
  const current = named?.proof === 'none' ? null : yield* findCurrent();
  const kind = named ?? uf2KindOfCurrent(current);
  const part = imageForKind(image, kind, [...ownIdsOf(kind, board), ...idsShown(kind, current)]);
  const { familyId, map } = part;
  const pages = uf2PagesOf(map);
  if (kind.sending === 'as-is') {
    if (kind.erasesByNumber) requireInStep(part);
    const isKnown = kind.familyIds.length > 0;
    const shown = isKnown && familyId !== null ? { familyId, map } : null;
    return { way: 'as-is', familyId, first: isKnown ? (pages?.[0] ?? null) : null, shown };
  }
  if (pages === null) {
    throw new SpacepackError('image-structure', 'Expected blocks of 256 bytes at multiples of 256, found others.');
  }
  const compared = current === null ? null : yield* comparePages(current, pages);
  if (compared !== null && typeof compared !== 'string') requireCovered(pages, compared);
  const nudges = nudgesIn(pages, kind.pageBytes);
  const common = { way: 'pages', kind, familyId, pages } as const;
  if (current === null || compared === null || typeof compared === 'string') {
    return { ...common, proof: null, shown: new Map(), unread: typeof compared === 'string' ? compared : UNSHOWN };
  }
  return { ...common, proof: nudges === null ? null : { current, ...nudges }, shown: compared.shown, unread: null };
}
