import { expect, test } from 'vitest';
import { checkFlash } from '../../../../src/cli/commands/doctor/flash.ts';
import { SpacepackError } from '../../../../src/protocol/errors.ts';
import type { Environment, FlashOpened } from '../../../../src/volume/port.ts';
import { createToyWorld } from '../../../families/toy-device.ts';

function findings(open: () => Promise<FlashOpened>) {
  const environment: Environment = { ...createToyWorld().environment, flash: { open } };
  return checkFlash(environment);
}

test('where nothing shows flash memory, nothing is said', async () => {
  expect(await checkFlash(createToyWorld().environment)).toEqual([]);
  expect(await findings(async () => ({ kind: 'none', why: null, remedy: '' }))).toEqual([]);
});

test('flash memory that can be opened is let go again', async () => {
  let closed = 0;
  const flash = {
    read: async () => new Uint8Array(),
    reboot: async () => undefined,
    close: async () => {
      closed += 1;
    },
  };
  expect(await findings(async () => ({ kind: 'open', flash }))).toMatchObject([{ topic: 'flash', state: 'good' }]);
  expect(closed).toBe(1);
});

test('what stands in the way is a note with what helps', async () => {
  expect(await findings(async () => ({ kind: 'none', why: 'access is denied', remedy: 'Allow it.' }))).toEqual([
    {
      topic: 'flash',
      state: 'note',
      message: '/dev/sdt: an update cannot read the flash memory: access is denied',
      remedy: 'Allow it.',
    },
  ]);
  const stalls = async (): Promise<never> => {
    throw new SpacepackError('volume-stalled', 'Expected an answer, found none.');
  };
  expect(await findings(stalls)).toMatchObject([{ topic: 'flash', state: 'note' }]);
});
