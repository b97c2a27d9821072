import { update } from '../../src/devices/update.ts';
import type { Outcome, Report } from '../../src/engine/report.ts';
import type { Judgement } from '../../src/protocol/commitment.ts';
import type { CommitMeans, Family, Programmed } from '../../src/protocol/family.ts';
import { ANY_HARDWARE, type ImageFacts } from '../../src/protocol/image-facts.ts';
import type { Looking, Working } from '../../src/protocol/steps.ts';
import { parseVersion } from '../../src/protocol/versions.ts';
import { toy } from '../families/toy.ts';
import type { ToyWorld } from '../families/toy-device.ts';

export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

export const payload: Uint8Array = bytesOf('TOY1 2.0.0\n');
const image: ImageFacts = {
  sizeBytes: payload.length,
  crc32: 0,
  sha256: '0'.repeat(64),
  imageHash: 'new',
  version: parseVersion('2.0.0') as ImageFacts['version'],
  securityCounter: 0,
  vendorId: 0x1209,
  productId: 0x7019,
  hardware: ANY_HARDWARE,
  format: 'toy image',
  own: null,
};

export interface Course {
  readonly program: () => Working<{ readonly trigger: CommitMeans } | Judgement>;
  readonly survey?: () => Looking<'current' | 'fits'>;
  readonly leaving?: Judgement;
}

function* lookAtKeptFile(): Looking<'current' | 'fits'> {
  yield { do: 'read', path: 'KEEP.ME', offset: 4, lengthBytes: 6 };
  return 'fits';
}

/** A toy that is programmed before the commit and, if its leaving says something, does not come back. */
function programmed({ program, survey = lookAtKeptFile, leaving }: Course): Family {
  const family = {
    ...toy,
    returns: leaving === undefined ? 'anew' : 'never',
    programming: {
      survey,
      *program(): Working<Programmed | Judgement> {
        const ended = yield* program();
        return 'code' in ended ? ended : { ...ended, memory: { starts: 1 } };
      },
    },
    judgeLeaving: () => leaving ?? null,
  };
  return family as unknown as Family;
}

/** One update of it, to its end. */
export async function play(
  world: ToyWorld,
  course: Course,
  dryRun = false,
): Promise<{ readonly outcome: Outcome; readonly reports: readonly Report[] }> {
  const target = { family: programmed(course), identity: { serial: 'T1', port: '1-1', attachment: '1' }, name: 'T1' };
  const run = update(
    world.environment,
    target,
    {
      ...image,
      async *read() {
        yield payload;
      },
    },
    { dryRun },
  );
  const reports: Report[] = [];
  for (;;) {
    const { done, value } = await run.next();
    if (done) return { outcome: value, reports };
    reports.push(value);
  }
}
