import { createHash } from 'node:crypto';
import { choose } from '../../src/devices/choose.ts';
import { ping, type RunLimits, update } from '../../src/devices/update.ts';
import type { Outcome, Report } from '../../src/engine/report.ts';
import { readChecked } from '../../src/image/check.ts';
import { memoryPayload } from '../../src/image/payload.ts';
import { find } from '../../src/index.ts';
import type { UpdateImage } from '../../src/protocol/image-facts.ts';
import type { Phase } from '../../src/protocol/machine.ts';
import type { Environment } from '../../src/volume/port.ts';
import type { MemoryDevice, MemoryWorld } from '../fake-volume/index.ts';
import { checkImage } from '../image/images.ts';

/** What a run told, and how it ended. */
export interface Played {
  readonly outcome: Outcome;
  readonly reports: readonly Report[];
  /** The phases in order, the round behind them from the second on: `identify:2`. */
  readonly phases: readonly string[];
}

export async function imageOf(payload: Uint8Array): Promise<UpdateImage> {
  const source = memoryPayload('test.dfu', payload);
  const checked = await checkImage(source);
  return { ...checked, read: () => inPieces(readChecked(source, checked)) };
}

/** Small enough that even a test's payload comes in several. */
const PIECE_BYTES = 256 * 1024;

async function* inPieces(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length; at += PIECE_BYTES) yield chunk.subarray(at, at + PIECE_BYTES);
  }
}

/** SHA-256 of each of the user's files, by path: to compare without holding them twice. */
export function fingerprints(device: MemoryDevice): Record<string, string> {
  const hash = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
  return Object.fromEntries([...device.userFiles()].map(([path, bytes]) => [path, hash(bytes)]));
}

/** Runs to the end and keeps everything; `onPhase` is called as each phase begins. */
export async function drain(
  run: AsyncGenerator<Report, Outcome>,
  onPhase: (phase: Phase) => void = () => {},
): Promise<Played> {
  const reports: Report[] = [];
  for (;;) {
    const { done, value } = await run.next();
    if (done) {
      const phases = reports.flatMap((report) =>
        report.type === 'phase' ? [report.round === 1 ? report.phase : `${report.phase}:${report.round}`] : [],
      );
      return { outcome: value, reports, phases };
    }
    reports.push(value);
    if (value.type === 'phase') onPhase(value.phase);
  }
}

/** Updates the only device, or the one named, as the command line does. */
export async function playUpdate(
  environment: Environment,
  payload: Uint8Array,
  options: RunLimits & { readonly allowDowngrade?: boolean; readonly device?: string } = {},
): Promise<Played> {
  const { device, ...rest } = options;
  const [target] = choose(await find(environment), device === undefined ? {} : { device });
  return drain(update(environment, target, await imageOf(payload), rest));
}

export async function playPing(environment: Environment, limits: RunLimits = {}): Promise<Played> {
  const [target] = choose(await find(environment), {});
  return drain(ping(environment, target, limits));
}

/** The same world, in which each look that `isLate` says so about takes a minute, and shows what there is at its end. */
export function withLateLooks({ environment, clock }: MemoryWorld, isLate: () => boolean): Environment {
  const { volumes } = environment;
  const list = async () => {
    if (isLate()) await clock.sleep(60_000);
    return volumes.list();
  };
  return { ...environment, volumes: { ...volumes, list } };
}
