import { describe, expect, test } from 'vitest';
import { candidateOf } from '../../src/agent/seek.ts';
import { find } from '../../src/devices/find.ts';
import type { DeviceInfo } from '../../src/protocol/device-info.ts';
import type { UsbIdentity } from '../../src/protocol/sight.ts';
import { toy } from '../families/toy.ts';
import { createToyWorld } from '../families/toy-device.ts';

interface Words {
  readonly info?: Partial<DeviceInfo>;
  readonly usb?: Partial<UsbIdentity>;
}

async function aSight({ info, usb }: Words) {
  const [sight] = await find(createToyWorld().environment, [toy]);
  if (sight?.info == null || sight.drive.usb === null) throw new TypeError('expected a toy that says who it is');
  const drive = { ...sight.drive, usb: { ...sight.drive.usb, ...usb } };
  return { ...sight, drive, info: { ...sight.info, ...info } };
}

describe('a device that the login item may keep up to date', () => {
  const version = { major: 1, minor: 2, revision: 3, build: 0 };
  test.each<[string, Words, object]>([
    ['says its version', { info: { version } }, { serial: 'T1', from: '1.2.3+0' }],
    ['says that nothing runs', { info: { image: null } }, { serial: 'T1', from: null }],
    ['has its serial from USB alone', { info: { serial: null, version } }, { serial: 'T1' }],
    ['does not say its version', { info: { image: 'abc' } }, { standing: 'unready', message: /which version it runs/ }],
    ['says nothing of what runs', { info: { tellsImage: false } }, { standing: 'unready', message: /which version/ }],
    [
      'says its serial nowhere',
      { info: { serial: null, version }, usb: { serial: null } },
      { standing: 'unready', message: /which one it is/ },
    ],
  ])('%s', async (_, words, expected) => {
    const found = candidateOf(await aSight(words));
    const { message, ...rest } = expected as { message?: RegExp };
    expect(found).toMatchObject(rest);
    if (message !== undefined) expect(found).toMatchObject({ message: expect.stringMatching(message) });
  });
});
