import type { Judgement } from '../commitment.ts';
import type { MemoryMap } from '../firmware/memory-map.ts';
import { toHex } from '../hex.ts';
import type { Looking, Working } from '../steps.ts';
import { UF2_PAGE_BYTES } from './family-image.ts';
import { RP2_SECTOR_BYTES, type Rp2Sector, type Rp2Transfer, rp2SectorsOf, rp2TransferOf } from './rp2-plan.ts';

/**
 * How an RP2040 or RP2350 is programmed where its flash memory is shown beside its drive: all blocks of the image go to
 * the drive with a count that they never reach, so the board stays; the flash memory is read; and only when all of it is
 * proven does the board restart. Reading counts as no change, so it may come between writes (bootrom, async_task.c).
 */

/** What an image puts where, for blocks of one family. */
export interface Rp2Image {
  readonly familyId: number;
  readonly map: MemoryMap;
}

/** Sectors in one file, and in one look at the flash memory: some seconds of work. */
const SECTORS_AT_ONCE = 64;
/** How often what differs is sent. */
const MOST_ROUNDS = 3;
/** Names that are tried until one is free: the system goes on showing files of earlier runs, which the ROM never had. */
const MOST_NAMES = 1_000;

/** `unseen`: the flash memory is not shown, or it is no image of whole pages, so nothing is known. */
export function* surveyRp2({ familyId, map }: Rp2Image): Looking<'current' | 'fits' | 'unseen'> {
  const sectors = rp2SectorsOf(map);
  if (sectors === null) return 'unseen';
  const opened = yield { do: 'open-flash', space: familyId };
  if (opened.kind !== 'done') return 'unseen';
  for (const some of inPieces(sectors)) {
    const wrong = yield* differingIn(some);
    if (wrong === null) return 'unseen';
    if (wrong.length > 0) return 'fits';
  }
  return 'current';
}

/**
 * Programs it and proves it. `unproven`: the flash memory could not be read, whatever is in it; nothing is committed, and
 * the image can still be sent in the way of boards that show nothing.
 */
export function* programRp2({
  familyId,
  map,
}: Rp2Image): Working<{ readonly trigger: 'reboot' } | Judgement | 'unproven'> {
  const sectors = rp2SectorsOf(map);
  if (sectors === null) return 'unproven';
  const opened = yield { do: 'open-flash', space: familyId };
  if (opened.kind !== 'done') return 'unproven';
  const transfer = rp2TransferOf(sectors, familyId);
  const names = namesOf();
  let wrong: readonly Rp2Sector[] = sectors;
  for (let round = 1; round <= MOST_ROUNDS; round++) {
    yield* send(wrong, transfer, names);
    // All of it, each time: what is sent again may have been written to another place.
    const found = yield* prove(sectors);
    if (found === null) return 'unproven';
    if (found.length === 0) return { trigger: 'reboot' };
    wrong = found;
  }
  const address = toHex(wrong[0]?.address ?? 0, 8);
  const found = `found ${wrong.length} others, the first at ${address}`;
  return { code: 'flash-differs', detail: `Expected ${sectors.length} sectors of 4096 bytes as written, ${found}.` };
}

export function* inPieces(sectors: readonly Rp2Sector[]): Generator<readonly Rp2Sector[], void> {
  for (let start = 0; start < sectors.length; start += SECTORS_AT_ONCE) {
    yield sectors.slice(start, start + SECTORS_AT_ONCE);
  }
}

const bytesIn = (sectors: readonly Rp2Sector[]): number =>
  sectors.reduce((sum, { pages }) => sum + pages.reduce((bytes, page) => bytes + page.bytes.length, 0), 0);

function* namesOf(): Generator<string, void> {
  for (let number = 0; number < MOST_NAMES; number++) yield `SP${`${number}`.padStart(3, '0')}.UF2`;
}

/** Writes a file under a name that is free. Whether it arrived, the flash memory will tell. */
function* write(bytes: Uint8Array, names: Iterator<string, void>): Working<void> {
  for (let name = names.next(); !name.done; name = names.next()) {
    const there = yield { do: 'read', path: name.value, offset: 0, lengthBytes: 1 };
    if (there.kind !== 'absent') continue;
    yield { do: 'write', path: name.value, bytes };
    return;
  }
}

/** A file of its own for the block that makes the ROM forget, because only a durable file has a place in the order. */
function* send(sectors: readonly Rp2Sector[], transfer: Rp2Transfer, names: Iterator<string, void>): Working<void> {
  const totalBytes = bytesIn(sectors);
  let doneBytes = 0;
  yield* write(transfer.forget, names);
  for (const some of inPieces(sectors)) {
    yield* write(transfer.blocksOf(some), names);
    doneBytes += bytesIn(some);
    yield { do: 'progress', step: 'write', doneBytes, totalBytes };
  }
}

/** Sectors that follow one another, as one look. */
function runsOf(sectors: readonly Rp2Sector[]): readonly (readonly Rp2Sector[])[] {
  const runs: Rp2Sector[][] = [];
  for (const sector of sectors) {
    const run = runs.at(-1);
    const end = (run?.at(-1)?.address ?? Number.NaN) + RP2_SECTOR_BYTES;
    if (run !== undefined && end === sector.address) run.push(sector);
    else runs.push([sector]);
  }
  return runs;
}

/** The sectors that hold something else than the image's pages; `null`: they could not be read. */
export function* differingIn(sectors: readonly Rp2Sector[]): Looking<readonly Rp2Sector[] | null> {
  const wrong: Rp2Sector[] = [];
  for (const run of runsOf(sectors)) {
    const pages = run.flatMap((sector) => sector.pages);
    const [address = 0, last = 0] = [pages[0]?.address, pages.at(-1)?.address];
    const lengthBytes = last + UF2_PAGE_BYTES - address;
    const seen = yield { do: 'read-flash', address, lengthBytes };
    if (seen.kind !== 'done' || seen.bytes.length !== lengthBytes) return null;
    const holds = (page: Rp2Sector['pages'][number]): boolean =>
      page.bytes.every((byte, index) => byte === seen.bytes[page.address - address + index]);
    wrong.push(...run.filter((sector) => !sector.pages.every(holds)));
  }
  return wrong;
}

/** The same of any number of sectors, and tells how far it is. */
function* prove(sectors: readonly Rp2Sector[]): Working<readonly Rp2Sector[] | null> {
  const totalBytes = bytesIn(sectors);
  const wrong: Rp2Sector[] = [];
  let doneBytes = 0;
  for (const some of inPieces(sectors)) {
    const found = yield* differingIn(some);
    if (found === null) return null;
    wrong.push(...found);
    doneBytes += bytesIn(some);
    yield { do: 'progress', step: 'verify', doneBytes, totalBytes };
  }
  return wrong;
}
