import { describe, expect, test } from 'vitest';
import type { Judgement } from '../../src/protocol/commitment.ts';
import { SpacepackError } from '../../src/protocol/errors.ts';
import type { Looking, StepResult, Working } from '../../src/protocol/steps.ts';
import { createToyWorld } from '../families/toy-device.ts';
import { bytesOf, type Course, payload, play } from './programmed-toy.ts';

const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

// biome-ignore lint/correctness/useYield: it is never asked for a step.
function* never(): Working<Judgement> {
  throw new TypeError('nothing is to be written');
}

// biome-ignore lint/correctness/useYield: it needs no step to know.
function* current(): Looking<'current' | 'fits'> {
  return 'current';
}

// biome-ignore lint/correctness/useYield: it needs no step to know.
function* judged(judgement: Judgement): Working<Judgement> {
  return judgement;
}

describe('a device that is programmed before the commit', () => {
  test('gets what its family writes, sees what it reads, and then the trigger', async () => {
    const world = createToyWorld();
    const seen: StepResult[] = [];
    let openRecords = 0;
    const { outcome, reports } = await play(world, {
      *program() {
        openRecords = world.records.size;
        seen.push(yield { do: 'write', path: 'TOY/FLASH.BIN', bytes: bytesOf('flash') });
        seen.push(yield { do: 'read', path: 'TOY/FLASH.BIN', offset: 1, lengthBytes: 3 });
        seen.push(yield { do: 'read', path: 'TOY/NONE.BIN', offset: 0, lengthBytes: 1 });
        yield { do: 'progress', step: 'verify', doneBytes: 5, totalBytes: 5 };
        return { trigger: payload };
      },
      leaving: { code: 'applied' },
    });
    expect(openRecords).toBe(1);
    expect(seen.map((result) => ('bytes' in result ? textOf(result.bytes) : result.kind))).toEqual([
      '',
      'las',
      'absent',
    ]);
    expect(reports).toContainEqual({ type: 'progress', step: 'verify', doneBytes: 5, totalBytes: 5 });
    expect(outcome).toMatchObject({ code: 'applied' });
    expect(world.records.size).toBe(0);
  });

  test('is told as its family judges, where it took the image wrongly: nothing is committed', async () => {
    const world = createToyWorld();
    const { outcome } = await play(world, {
      program: () => judged({ code: 'failed-verify' }),
    });
    expect(outcome).toMatchObject({ code: 'failed-verify', verdict: 'failed' });
    expect(world.files.has('TOY/NEW.BIN')).toBe(false);
    expect(world.records.size).toBe(0);
  });

  test('that holds the image already gets nothing', async () => {
    const world = createToyWorld();
    const { outcome } = await play(world, {
      survey: current,
      program: never,
    });
    expect(outcome.code).toBe('already-current');
  });

  test('is surveyed in a dry run, and nothing is written', async () => {
    const world = createToyWorld();
    const before = new Map(world.files);
    const course: Course = {
      program: never,
    };
    expect((await play(world, course, true)).outcome.code).toBe('would-apply');
    expect(world.files).toEqual(before);
  });

  test('an error of a step is left to its family', async () => {
    const world = createToyWorld();
    const { volumes } = world.environment;
    const write = volumes.write.bind(volumes);
    Object.assign(volumes, {
      write: async (...args: Parameters<typeof write>) => {
        if (args[1] === 'TOY/FLASH.BIN') throw new SpacepackError('volume-io', 'Writing failed: EIO.');
        return write(...args);
      },
    });
    const seen: StepResult[] = [];
    await play(world, {
      *program() {
        seen.push(yield { do: 'write', path: 'TOY/FLASH.BIN', bytes: payload });
        return { trigger: payload };
      },
    });
    expect(seen).toEqual([{ kind: 'failed', why: 'Writing failed: EIO.' }]);
  });

  test('a cable pulled while it is programmed is not told as refused: its flash may have changed', async () => {
    const world = createToyWorld();
    const { volumes } = world.environment;
    Object.assign(volumes, {
      write: async () => {
        throw new SpacepackError('volume-gone', 'Expected the toy, found it gone.');
      },
    });
    const { outcome } = await play(world, {
      *program() {
        yield { do: 'write', path: 'TOY/FLASH.BIN', bytes: payload };
        return { trigger: payload };
      },
    });
    expect(outcome).toMatchObject({ verdict: 'indeterminate', to: null });
    expect(world.records.size).toBe(1);
  });

  test('one whose commit could not be created is not told as refused: its flash is no longer what it was', async () => {
    const world = createToyWorld();
    const { volumes } = world.environment;
    const write = volumes.write.bind(volumes);
    Object.assign(volumes, {
      write: async (...args: Parameters<typeof write>) => {
        if (args[1] !== 'TOY/NEW.BIN') return write(...args);
        throw new SpacepackError('volume-full', 'Expected room, found none.', { noEffect: true });
      },
    });
    const { outcome } = await play(world, {
      *program() {
        yield { do: 'write', path: 'TOY/FLASH.BIN', bytes: payload };
        return { trigger: payload };
      },
    });
    expect(outcome).toMatchObject({ verdict: 'indeterminate', to: null });
  });
});
