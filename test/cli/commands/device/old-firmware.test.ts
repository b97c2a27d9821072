import { describe, expect, test } from 'vitest';
import { buildPayload, createMemoryWorld, type WorldOptions } from '../../../fake-volume/index.ts';
import { run, temporaryFile } from '../../harness.ts';

const image = temporaryFile('firmware.dfu', buildPayload());
const broken = temporaryFile('broken.dfu', buildPayload().subarray(0, 20));
const current = temporaryFile('current.dfu', buildPayload({ version: { major: 1 } }));
const older = temporaryFile('older.dfu', buildPayload({ version: { major: 0, minor: 9 } }));

type Case = readonly [what: string, argv: readonly string[], code: string, world: WorldOptions];

describe('what became of the old firmware', () => {
  const NOT_LOOKED: readonly Case[] = [
    ['a command that there is not', ['frobnicate'], 'usage', {}],
    ['an option that there is not', ['update', image, '--frobnicate'], 'usage', {}],
    ['an option that contradicts another', ['update', image, '--all', '--device', 'SP'], 'usage', {}],
    ['a key that is none', ['update', image, '--key', image], 'key-unusable', {}],
    ['an image that is not there', ['update', '/nowhere.dfu'], 'image-unreadable', {}],
    ['no device to update', ['update', image], 'no-device', { devices: [] }],
    ['another device to update than is there', ['update', image, '--device', 'SP9'], 'no-device', {}],
    ['several devices to update, and none chosen', ['update', image], 'several-devices', { devices: [{}, {}] }],
    ['no device to ping', ['ping'], 'no-device', { devices: [] }],
    ['no device to tell of', ['info'], 'no-device', { devices: [] }],
    ['a list', ['list'], 'answered', {}],
    ['a list of none', ['list'], 'answered', { devices: [] }],
    ['a doctor who finds a card with a GPT', ['doctor'], 'not-ready', { devices: [{ card: { scheme: 'gpt' } }] }],
    ['an image that is sound', ['verify', image], 'answered', {}],
    ['an image that is not', ['verify', broken], 'image-truncated', {}],
  ];
  test.each(NOT_LOOKED)('is null where no run looked at a device: %s', async (_, argv, code, world) => {
    const { result } = await run([...argv, '--json'], createMemoryWorld(world));
    expect({ code: result?.code, oldFirmware: result?.oldFirmware }).toEqual({ code, oldFirmware: null });
  });

  test('is null where the drives cannot even be listed', async () => {
    for (const command of [['list'], ['update', image], ['ping']]) {
      const { result } = await run([...command, '--json']);
      expect(result).toMatchObject({ code: 'listing-failed', oldFirmware: null });
    }
  });

  const LOOKED: readonly (readonly [...Case, oldFirmware: string])[] = [
    ['an older image is refused', ['update', older], 'image-downgrade', {}, 'runs'],
    ['what runs is offered again', ['update', current], 'already-current', {}, 'runs'],
    ['the image is installed', ['update', image], 'applied', {}, 'replaced'],
    ['a ping is answered', ['ping'], 'ping-answered', {}, 'runs'],
    ['a ping is answered by a bootloader', ['ping'], 'ping-answered', { devices: [{ runs: null }] }, 'none'],
  ];
  test.each(LOOKED)('is told where a run read the device: %s', async (_, argv, code, world, oldFirmware) => {
    const { result } = await run([...argv, '--json'], createMemoryWorld(world));
    expect({ code: result?.code, oldFirmware: result?.oldFirmware }).toEqual({ code, oldFirmware });
  });
});
