import { describe, expect, test } from 'vitest';
import { choose } from '../../src/devices/choose.ts';
import { find } from '../../src/devices/find.ts';
import { finish, update as install } from '../../src/devices/update.ts';
import { openImage } from '../../src/image/open-image.ts';
import { FAMILIES } from '../../src/protocol/families.ts';
import { run, temporaryFile } from '../cli/harness.ts';
import { toy } from './toy.ts';
import { createToyWorld, type ToyWorld } from './toy-device.ts';

const families = [...FAMILIES, toy];
const image = (version: string, rest = ''): Buffer => Buffer.from(`TOY1 ${version}\n${rest}`, 'latin1');

async function update({ environment }: ToyWorld, payload: Buffer, ...options: readonly string[]) {
  const argv = ['update', temporaryFile('new.toy', payload), '--json', ...options];
  const { status, result, events } = await run(argv, { environment, families });
  const notices = events.flatMap((event) => (event.event === 'notice' ? [event.code] : []));
  return { status, result, notices };
}

/** A family that shares nothing with SpacePack but the interface, through the whole engine and the whole command line. */
describe('a device of another family', () => {
  test('is found, and told of', async () => {
    const { events } = await run(['list', '--json'], { environment: createToyWorld().environment, families });
    expect(events[0]).toMatchObject({
      event: 'device',
      device: 'T1',
      profile: 'toy',
      info: { mode: 'bootloader', image: null },
    });
  });

  test('is updated, and keeps the files of its user', async () => {
    const world = createToyWorld();
    const { status, result } = await update(world, image('2.0.0'));
    expect(status).toBe(0);
    expect(result).toMatchObject({ verdict: 'applied', code: 'applied', device: 'T1', oldFirmware: 'replaced' });
    expect(world.runs()).toEqual(image('2.0.0'));
    expect([...world.files.keys()].sort()).toEqual(['KEEP.ME', 'TOY/DONE.BIN', 'TOY/ME.TXT']);
    expect((await update(world, image('2.0.0'))).result).toMatchObject({
      verdict: 'unchanged',
      code: 'already-current',
    });
  });

  test('rejects what it does not take', async () => {
    const world = createToyWorld();
    const { status, result } = await update(world, image('2.0.0', '\xff'));
    expect(status).toBe(7);
    expect(result).toMatchObject({ verdict: 'rejected', code: 'rejected-other', oldFirmware: 'none' });
    expect(world.records.size).toBe(0);
  });

  test('is given no image of another kind, whatever the family says of it', async () => {
    const world = createToyWorld();
    const path = new URL('../fixtures/images/signed.dfu', import.meta.url).pathname;
    const foreign = await openImage(path, FAMILIES);
    const [target] = choose(await find(world.environment, families), {});
    const outcome = await finish(install(world.environment, target, foreign));
    expect(outcome).toMatchObject({ verdict: 'refused', code: 'image-wrong-device', oldFirmware: 'none' });
    expect(world.files.has('TOY/NEW.BIN')).toBe(false);
  });

  test('is waited for by the next run, if one ended while it was away', async () => {
    const world = createToyWorld(8_000);
    const first = await update(world, image('2.0.0'), '--timeout', '4');
    expect(first.result).toMatchObject({ verdict: 'indeterminate', code: 'timed-out' });
    expect([...world.records.values()]).toMatchObject([{ family: 'toy', memory: { starts: 1 } }]);
    const { result, notices } = await update(world, image('2.0.0'));
    expect(result).toMatchObject({ verdict: 'applied', oldFirmware: 'replaced' });
    expect(notices).toContain('waiting-for-return');
    expect(world.records.size).toBe(0);
  });

  test('has answered meanwhile, if a run ended while it was away', async () => {
    const world = createToyWorld();
    await update(world, image('2.0.0'), '--timeout', '1');
    await world.environment.clock.sleep(60_000);
    const { result, notices } = await update(world, image('3.0.0'));
    expect(notices).toContain('record-resolved');
    expect(result).toMatchObject({ verdict: 'applied' });
    expect(world.runs()).toEqual(image('3.0.0'));
  });

  test('shows no flash memory that an image could be compared with, and says so', async () => {
    const argv = ['verify', temporaryFile('new.toy', image('2.0.0')), '--device', '--json'];
    const { result } = await run(argv, { environment: createToyWorld().environment, families });
    expect(result).toMatchObject({ code: 'usage', exit: 2, message: expect.stringContaining('does not show it') });
  });

  test('answers no ping, and says so', async () => {
    const { result } = await run(['ping', '--json'], { environment: createToyWorld().environment, families });
    expect(result).toMatchObject({ code: 'usage', exit: 2, message: expect.stringContaining('a toy answers no ping') });
  });
});
