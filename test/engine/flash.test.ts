import { describe, expect, test } from 'vitest';
import { SpacepackError } from '../../src/protocol/errors.ts';
import type { Drive } from '../../src/protocol/sight.ts';
import type { StepResult } from '../../src/protocol/steps.ts';
import type { Flash, FlashOpened } from '../../src/volume/port.ts';
import { createToyWorld, type ToyWorld } from '../families/toy-device.ts';
import { bytesOf, play } from './programmed-toy.ts';

const flash = bytesOf('flash memory');

/** A toy whose flash memory is shown beside its drive; what the run asked for is kept. */
function shownToy(answer?: FlashOpened, broken: Partial<Flash> = {}) {
  const world = createToyWorld();
  const asked: string[] = [];
  const shown: Flash = {
    read: async (address, lengthBytes) => flash.slice(address, address + lengthBytes),
    reboot: async () => void asked.push(`reboot with ${world.records.size} open`),
    close: async () => void asked.push('close'),
    ...broken,
  };
  const open = async ({ attachment }: Drive, space: number | null): Promise<FlashOpened> => {
    asked.push(`open ${space}@${attachment}`);
    return answer ?? { kind: 'open', flash: shown };
  };
  Object.assign(world.environment, { flash: { open } });
  return { world, asked };
}

/** Opens, reads twice, and lets it restart if it could be opened. */
async function course(world: ToyWorld) {
  const seen: StepResult[] = [];
  const { outcome, reports } = await play(world, {
    *program() {
      const opened = yield { do: 'open-flash', space: 7 };
      seen.push(opened);
      if (opened.kind !== 'done') return { trigger: bytesOf('TOY1 2.0.0\n') };
      seen.push(yield { do: 'read-flash', address: 6, lengthBytes: 6 });
      return { trigger: 'reboot' };
    },
    *survey() {
      seen.push(yield { do: 'open-flash', space: 7 });
      return 'fits';
    },
    leaving: { code: 'applied' },
  });
  const notices = reports.flatMap((report) => (report.type === 'notice' ? [report] : []));
  return { outcome, seen, notices, codes: notices.map(({ code }) => code) };
}

describe('flash memory that is shown beside the drive', () => {
  test('is opened once for the attachment, read, and its restart is the commit: the record comes first', async () => {
    const { world, asked } = shownToy();
    const { volumes } = world.environment;
    const left = new Set<string>();
    const list = volumes.list.bind(volumes);
    // It leaves as a device does that restarts, and does not come back.
    Object.assign(volumes, {
      list: async () => (asked.some((each) => each.startsWith('reboot')) ? [] : list()),
      release: async () => {
        left.add('released');
        return [];
      },
    });
    const { outcome, seen } = await course(world);
    expect(asked).toEqual(['open 7@1', 'reboot with 1 open', 'close']);
    expect(seen.at(-1)).toEqual({ kind: 'done', bytes: bytesOf('memory') });
    expect(outcome.code).toBe('applied');
    expect(left).toEqual(new Set(['released']));
    expect(world.files.has('TOY/NEW.BIN')).toBe(false);
  });

  test('is absent where nothing shows it: people have nothing to be told', async () => {
    const { seen, codes, outcome } = await course(createToyWorld());
    expect(seen).toEqual([{ kind: 'absent' }, { kind: 'absent' }]);
    expect(codes).not.toContain('flash-unseen');
    expect(outcome.code).toBe('applied');
  });

  test('is absent where this computer does not let us, and that is told once, with what helps', async () => {
    const { world } = shownToy({ kind: 'none', why: 'access is denied', remedy: 'Allow it.' });
    const { seen, notices } = await course(world);
    expect(seen).toEqual([{ kind: 'absent' }, { kind: 'absent' }]);
    expect(notices.filter(({ code }) => code === 'flash-unseen')).toEqual([
      {
        type: 'notice',
        code: 'flash-unseen',
        message: 'The flash memory cannot be read: access is denied. Allow it.',
      },
    ]);
  });

  test('of a device that has no such thing is absent, and not spoken of', async () => {
    const { codes } = await course(shownToy({ kind: 'none', why: null, remedy: '' }).world);
    expect(codes).not.toContain('flash-unseen');
  });

  test('an error while it is read is left to the family', async () => {
    const read = async (): Promise<never> => {
      throw new SpacepackError('volume-stalled', 'Expected an answer, found none.');
    };
    const { seen } = await course(shownToy(undefined, { read }).world);
    expect(seen.at(-1)).toEqual({ kind: 'failed', why: 'Expected an answer, found none.' });
  });

  test('of a device that was swapped while it was opened is not read: it may be its successor', async () => {
    const { world, asked } = shownToy();
    const { volumes } = world.environment;
    const list = volumes.list.bind(volumes);
    const successor = async () => (await list()).map((drive) => ({ ...drive, attachment: '2' }));
    Object.assign(volumes, { list: () => (asked.length > 0 ? successor() : list()) });
    const { seen, outcome } = await course(world);
    expect(seen).toEqual([]);
    expect(outcome.code).toBe('volume-gone');
    expect(asked).toEqual(['open 7@1', 'close']);
  });

  test('an error of the restart decides nothing: the device is watched', async () => {
    const reboot = async (): Promise<never> => {
      throw new SpacepackError('volume-io', 'Expected an answer, found none.');
    };
    const { world } = shownToy(undefined, { reboot });
    const { codes, outcome } = await course(world);
    expect(codes).toContain('commit-doubtful');
    expect(outcome.verdict).not.toBe('applied');
  });
});
