import { SpacepackError } from '../protocol/errors.ts';
import type { MountedVolume } from '../protocol/sight.ts';
import type { ReadFlashStep, ReadStep, StepResult, Working, WriteStep } from '../protocol/steps.ts';
import type { RunContext } from './context.ts';
import { notice, type Report } from './report.ts';
import { hasLeft } from './sighting.ts';
import { writeBytes } from './write-bytes.ts';

const DONE: StepResult = { kind: 'done', bytes: new Uint8Array() };

function gone({ drive }: MountedVolume): SpacepackError {
  return new SpacepackError('volume-gone', `Opening its flash memory: expected ${drive.id} as before, found it gone.`);
}

/** What came of a step, and the volume as it is mounted then. */
interface Done {
  readonly result: StepResult;
  readonly volume: MountedVolume;
}

/** The errors after which no further step makes sense; others are left to the family. */
const ENDS = ['volume-gone', 'volume-stalled', 'device-locked', 'abandoned', 'interrupted'];

async function read({ environment }: RunContext, volume: MountedVolume, step: ReadStep): Promise<Done> {
  const { kind, bytes, volume: now } = await environment.volumes.readPart(volume, step.path, step);
  if (bytes === null) return { result: { kind: 'absent' }, volume: now };
  const why = `${step.path}: expected a way past the cache of this computer, found none`;
  return { result: kind === 'cached' ? { kind: 'failed', why } : { kind: 'done', bytes }, volume: now };
}

async function write(context: RunContext, volume: MountedVolume, { path, bytes }: WriteStep): Promise<Done> {
  await context.hold(volume);
  await writeBytes(context, volume, path, bytes);
  return { result: DONE, volume };
}

type PlainStep = ReadStep | WriteStep | ReadFlashStep;

async function take(context: RunContext, volume: MountedVolume, step: PlainStep): Promise<Done> {
  if (step.do === 'read-flash') return { result: await context.flash.read(step.address, step.lengthBytes), volume };
  try {
    return await (step.do === 'read' ? read(context, volume, step) : write(context, volume, step));
  } catch (thrown) {
    if (!(thrown instanceof SpacepackError) || ENDS.includes(thrown.code)) throw thrown;
    return { result: { kind: 'failed', why: thrown.message }, volume };
  }
}

/**
 * Does a family's steps on a volume. Returns what they were for, and the volume as it is mounted now. Throws what the
 * family throws, and what ends a run.
 */
export async function* takeSteps<T>(
  context: RunContext,
  before: MountedVolume,
  steps: Working<T>,
): AsyncGenerator<Report, { readonly value: T; readonly volume: MountedVolume }> {
  let [result, volume] = [DONE, before];
  for (;;) {
    context.throwIfCalledOff();
    const next = steps.next(result);
    if (next.done) return { value: next.value, volume };
    if (next.value.do === 'progress') {
      const { step, doneBytes, totalBytes } = next.value;
      yield { type: 'progress', step, doneBytes, totalBytes };
      result = DONE;
    } else if (next.value.do === 'open-flash') {
      const opening = await context.flash.open(volume.drive, next.value.space);
      if (opening.told !== null) yield notice('flash-unseen', opening.told);
      // If the drive is still attached as before, what was opened at its port is its own device, and no successor.
      if (opening.result.kind === 'done' && (await hasLeft(context, volume))) throw gone(volume);
      result = opening.result;
    } else {
      ({ result, volume } = await take(context, volume, next.value));
    }
  }
}
