import type { DeviceInfo } from '../device-info.ts';
import type { Comparison } from '../family.ts';
import { toHex } from '../hex.ts';
import type { ImageFacts } from '../image-facts.ts';
import type { Looking } from '../steps.ts';
import { planFor, type Uf2Board } from './plan.ts';
import { differingIn, inPieces, type Rp2Image } from './rp2.ts';
import { type Rp2Sector, rp2SectorsOf } from './rp2-plan.ts';

function differs(places: number, all: number, unitBytes: number, address: number): Comparison {
  const found = `something else in ${places} of ${all} places of ${unitBytes} bytes, the first at ${toHex(address, 8)}`;
  return { kind: 'differs', found };
}

/** The same over PICOBOOT. */
function* compareRp2({ familyId, map }: Rp2Image): Looking<Comparison> {
  const sectors = rp2SectorsOf(map);
  if (sectors === null) return { kind: 'unread', why: 'the image is not made of whole pages of flash memory' };
  const opened = yield { do: 'open-flash', space: familyId };
  if (opened.kind === 'failed') return { kind: 'unread', why: opened.why };
  if (opened.kind === 'absent') return { kind: 'unread', why: 'nothing that shows it could be opened' };
  const wrong: Rp2Sector[] = [];
  for (const some of inPieces(sectors)) {
    const found = yield* differingIn(some);
    if (found === null) return { kind: 'unread', why: 'reading it over PICOBOOT failed' };
    wrong.push(...found);
  }
  const [first] = wrong;
  return first === undefined ? { kind: 'holds' } : differs(wrong.length, sectors.length, 4096, first.address);
}

/** Compares the flash memory of a board with an image. Throws `image-*` for an image that is not for this board. */
export function* compareUf2(image: ImageFacts, { own }: DeviceInfo<Uf2Board>): Looking<Comparison> {
  const plan = yield* planFor(image, own);
  if (plan.way === 'as-is') {
    return plan.shown === null ? { kind: 'unread', why: 'this board shows it nowhere' } : yield* compareRp2(plan.shown);
  }
  if (plan.unread !== null) return { kind: 'unread', why: plan.unread };
  const { pages } = plan;
  const differing = [...plan.shown.keys()];
  const [first] = differing;
  if (first === undefined) return { kind: 'holds' };
  return differs(differing.length, pages.length, 256, pages[first]?.address ?? 0);
}
