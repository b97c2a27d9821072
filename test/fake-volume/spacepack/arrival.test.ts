import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type BenchDevice, createBenchDevice } from '../bench-device.ts';
import { RESERVED, type ReservedName, reservedPath } from '../cards/card.ts';
import { entryWithoutChain, fileNode, type MediumNode, putNode } from '../cards/medium.ts';
import { buildPayload } from './image/build.ts';
import { buildInstallTrigger } from './trigger-build.ts';

const PAYLOAD = buildPayload({ code: Buffer.alloc(900, 9) });
const OLD = '1.0.0+0';
const NEW = '2.0.0+0';

/** One file as it is on the card at a moment. */
type Arrival = readonly [name: ReservedName, node: MediumNode];

const arrive = (bench: BenchDevice, [name, node]: Arrival) => {
  putNode(bench.medium, reservedPath(name), node);
  bench.firmware.hostWrote();
};

const triggerFor = (bench: BenchDevice) => Buffer.from(buildInstallTrigger(bench.present(), PAYLOAD));
const erased = (bench: BenchDevice) => bench.log.some(({ message }) => message.startsWith('erases'));

describe('bytes that arrive in any order (protocol §7.2)', () => {
  test('every prefix of the payload and of the trigger leaves the device where it is and what it is', () => {
    const bench = createBenchDevice();
    const trigger = triggerFor(bench);
    bench.hostMounts();
    for (let length = 0; length < PAYLOAD.length; length += 37) {
      arrive(bench, [RESERVED.payload, fileNode(PAYLOAD.subarray(0, length))]);
      bench.pass(39_000);
    }
    arrive(bench, [RESERVED.payload, fileNode(PAYLOAD)]);
    for (let length = 0; length < trigger.length; length += 1) {
      arrive(bench, [RESERVED.trigger, fileNode(trigger.subarray(0, length))]);
      // A quiet window passes over each of them.
      bench.pass(41_000);
      expect(bench.firmware.memory.bootCount).toBe(1);
    }
    arrive(bench, [RESERVED.trigger, fileNode(trigger)]);
    bench.pass(90_000);
    expect(bench.info().get('version')).toBe(NEW);
  });

  test('a trigger whose last line end is missing is torn, whatever comes of it', () => {
    const bench = createBenchDevice();
    arrive(bench, [RESERVED.payload, fileNode(PAYLOAD)]);
    arrive(bench, [RESERVED.trigger, fileNode(triggerFor(bench).subarray(0, -1))]);
    bench.pass(200_000);
    expect(bench.firmware.onBus).toBe(true);
  });

  test('the device installs only what is whole when the window has passed, and else erases nothing', () => {
    const states: fc.Arbitrary<(whole: Uint8Array) => MediumNode> = fc.oneof(
      fc.double({ min: 0, max: 1, noNaN: true }).map((part) => (whole: Uint8Array) => {
        return fileNode(whole.subarray(0, Math.floor(part * whole.length)));
      }),
      fc.constant((whole: Uint8Array) => entryWithoutChain(whole.length)),
      fc.constant((whole: Uint8Array) => fileNode(Buffer.alloc(whole.length))),
      fc.constant((whole: Uint8Array) => fileNode(whole)),
    );
    const steps = fc.array(
      fc.tuple(fc.constantFrom(RESERVED.payload, RESERVED.trigger), states, fc.integer({ min: 0, max: 3_000 })),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(steps, fc.boolean(), (arrivals, unmounts) => {
        const bench = createBenchDevice();
        const trigger = triggerFor(bench);
        const last = new Map<ReservedName, boolean>();
        bench.hostMounts();
        for (const [name, state, ms] of arrivals) {
          const whole = name === RESERVED.payload ? PAYLOAD : trigger;
          const node = state(whole);
          arrive(bench, [name, node]);
          last.set(name, Buffer.compare(node.bytes, whole) === 0);
          bench.pass(ms);
        }
        expect(bench.firmware.memory.bootCount).toBe(1);
        if (unmounts) bench.hostUnmounts();
        bench.pass(120_000);
        const isWhole = last.get(RESERVED.payload) === true && last.get(RESERVED.trigger) === true;
        expect(bench.info().get('version')).toBe(isWhole ? NEW : OLD);
        expect(erased(bench)).toBe(isWhole);
        const isAnswered = last.get(RESERVED.trigger) === true;
        expect(bench.status().get('state')).toBe(isWhole ? 'applied' : isAnswered ? 'rejected' : 'idle');
      }),
      { numRuns: 300 },
    );
  });

  test('any bytes in the place of a trigger are ignored', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
        const bench = createBenchDevice();
        arrive(bench, [RESERVED.trigger, fileNode(bytes)]);
        bench.pass(120_000);
        expect(bench.firmware.memory.bootCount).toBe(1);
      }),
    );
  });
});
