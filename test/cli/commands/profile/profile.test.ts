import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { FAMILIES } from '../../../../src/protocol/families.ts';
import { createDropWorld } from '../../../fake-volume/families/drop-world.ts';
import { printer } from '../../../fake-volume/families/printer.ts';
import { ts100 } from '../../../fake-volume/families/ts100.ts';
import { run, temporaryFile, temporaryFolder } from '../../harness.ts';

const shipped = fileURLToPath(new URL('../../../../profiles', import.meta.url));
const printerProfile = readFileSync(join(shipped, 'printer.toml'), 'utf8');

describe('profile check', () => {
  test('takes what is shipped', async () => {
    const { status, result } = await run(['profile', 'check', shipped, '--json']);
    expect([status, result?.message]).toEqual([0, '7 profiles are valid.']);
  });

  test.each([
    ['not TOML', 'schema = = 1', 1],
    ['an unknown field', printerProfile.replace('marker', 'lable'), 9],
    ['a path out of the volume', printerProfile.replace('"firmware.bin"', '"../firmware.bin"'), 15],
    ['applied without a witness', printerProfile.replace('{ renamed = "FIRMWARE.CUR" }', '{}'), 19],
    ['a wrong number', printerProfile.replace('600000', '-1'), 23],
  ])('names file and line: %s', async (_, text, line) => {
    const path = temporaryFile('mine.toml', text);
    const { status, result } = await run(['profile', 'check', path, '--json']);
    expect([status, result?.code]).toEqual([2, 'profile-invalid']);
    expect(result?.message).toContain(`${path}:${line}`);
  });

  test('two profiles of one id, a missing file and an empty folder are named', async () => {
    const folder = temporaryFolder();
    for (const name of ['a.toml', 'b.toml']) writeFileSync(join(folder, name), printerProfile);
    for (const path of [folder, join(folder, 'none.toml'), temporaryFolder()]) {
      const { result } = await run(['profile', 'check', path, '--json']);
      expect(result).toMatchObject({ code: 'profile-invalid', message: expect.stringContaining(path) });
    }
  });

  test('takes JSON as well', async () => {
    const value = {
      schema: 1,
      id: 'mine',
      name: 'Mine',
      returns: 'never',
      device: { usb: ['1209:0001'] },
      image: { extension: 'bin' },
      write: { payload: 'A.BIN' },
    };
    expect((await run(['profile', 'check', temporaryFile('mine.json', JSON.stringify(value)), '--json'])).status).toBe(
      0,
    );
    expect((await run(['profile', 'check', temporaryFile('mine.json', '{'), '--json'])).result?.code).toBe(
      'profile-invalid',
    );
  });
});

test('profile show says in words what is written and what proves it', async () => {
  const { stdout } = await run(['profile', 'show', join(shipped, 'kobo.toml')]);
  expect(stdout).toContain('.kobo/KoboRoot.tgz');
  expect(stdout).toContain('the version is another one than before');
});

describe('profile try', () => {
  test('every rule that is shipped leads to its verdict, and silence to none', async () => {
    const { status, events } = await run(['profile', 'try', shipped, '--json']);
    const found = events.flatMap((event) => (event.event === 'finding' ? [event] : []));
    expect(found.filter(({ state }) => state !== 'good')).toEqual([]);
    expect([status, found.length]).toEqual([0, 19]);
  });

  test('a rule that an earlier one hides is told', async () => {
    const hidden = `${printerProfile}\n[[verdict]]\nis = "rejected"\nwhen = { renamed = "FIRMWARE.CUR" }\n`;
    const { status, events } = await run(['profile', 'try', temporaryFile('mine.toml', hidden), '--json']);
    expect(status).toBe(2);
    expect(events).toContainEqual(expect.objectContaining({ topic: 'printer verdict[2]', state: 'broken' }));
  });
});

describe('profile new', () => {
  test('without a terminal writes an example that can be tried, and never over a file', async () => {
    const path = join(temporaryFolder(), 'mine.toml');
    expect((await run(['profile', 'new', path, '--json'])).status).toBe(0);
    expect((await run(['profile', 'try', path, '--json'])).status).toBe(0);
    expect((await run(['profile', 'new', path, '--json'])).result?.code).toBe('usage');
  });

  test('asks in a terminal, and refuses an answer that is no plain name', async () => {
    const path = join(temporaryFolder(), 'mine.toml');
    const good = ['iron', 'Iron', 'ME.TXT', 'NEW.HEX', 'hex', 'NEW.RDY'];
    expect((await run(['profile', 'new', path], { terminal: 80, answer: good })).status).toBe(0);
    expect(readFileSync(path, 'utf8')).toContain('payload = "NEW.HEX"');
    const bad = await run(['profile', 'new', join(temporaryFolder(), 'b.toml')], { terminal: 80, answer: '..' });
    expect(bad.status).toBe(2);
  });
});

describe('--profile', () => {
  const image = temporaryFile('firmware.bin', 'the firmware');
  const given = ['--profile', join(shipped, 'printer.toml')];

  test('makes a device of its own known to list and update, and so do the settings', async () => {
    const { environment } = createDropWorld(printer());
    const listed = await run(['list', '--json', ...given], { environment });
    expect(listed.events[0]).toMatchObject({ event: 'device', profile: 'printer', problem: null });
    expect((await run(['list', '--json'], { environment })).events.map(({ event }) => event)).toEqual(['result']);
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'settings.toml'), `profiles = ["mine"]\n`);
    mkdirSync(join(folder, 'mine'));
    writeFileSync(join(folder, 'mine', 'printer.toml'), printerProfile);
    const variables = { SPACEPACK_CONFIG_DIR: folder };
    const { result } = await run(['update', image, '--json'], { environment, variables });
    expect(result?.code).toBe('applied');
  });

  test('a compressed image is unpacked for a device that does not unpack it itself, whatever other profiles say', async () => {
    const world = createDropWorld(printer());
    const packed = temporaryFile('firmware.bin.gz', gzipSync('the firmware'));
    const { result } = await run(['update', packed, '--profile', shipped, '--json'], world);
    expect(result?.code).toBe('applied');
    expect(Buffer.from(world.device.runs() ?? []).toString()).toBe('the firmware');
  });

  test('two that claim one drive are an error by name, and nothing is written', async () => {
    const twin = temporaryFile('twin.toml', printerProfile.replace('id = "printer"', 'id = "twin"'));
    const world = createDropWorld(printer());
    const argv = [...given, '--profile', twin, '--json'];
    const listed = await run(['list', ...argv], world);
    expect(listed.events[0]).toMatchObject({ event: 'device', info: null, problem: { code: 'profiles-clash' } });
    const { result } = await run(['update', image, ...argv], world);
    expect(result).toMatchObject({ code: 'profiles-clash', exit: 4 });
    expect(result?.message).toContain('(twin)');
    expect(world.device.files.has('firmware.bin')).toBe(false);
  });

  test('list --explain tells of each drive who claims it, and why others do not', async () => {
    const { environment } = createDropWorld(ts100());
    const argv = ['list', '--explain', '--profile', shipped, '--json'];
    const { events } = await run(argv, { environment });
    const found = new Map(events.flatMap((event) => (event.event === 'finding' ? [[event.topic, event]] : [])));
    expect(found.get('ts100')).toMatchObject({ state: 'good' });
    expect(found.get('printer')?.message).toContain('PRINTER.TXT');
    expect(found.get('lpc')?.message).toContain('USB ids');
    expect(found.size).toBe(FAMILIES.length + 7);
  });

  test('list --explain does not call a mounted volume of another file system unmounted', async () => {
    const { environment } = createDropWorld(printer());
    const [drive] = await environment.volumes.list();
    const volumes = (drive?.volumes ?? []).map((volume) => ({ ...volume, fileSystem: 'ntfs' }));
    const list = async () => (drive === undefined ? [] : [{ ...drive, volumes }]);
    const world = { environment: { ...environment, volumes: { ...environment.volumes, list } } };
    const { events } = await run(['list', '--explain', '--profile', shipped, '--json'], world);
    const found = new Map(events.flatMap((event) => (event.event === 'finding' ? [[event.topic, event]] : [])));
    for (const family of ['printer', 'daplink', 'uf2']) {
      expect(found.get(family)?.message).toContain('found none');
      expect(found.get(family)?.message).not.toContain('unmounted');
    }
  });

  test('a profile that is not valid stops a command before it looks at drives', async () => {
    const path = temporaryFile('mine.toml', 'schema = 2');
    expect((await run(['update', image, '--profile', path, '--json'])).result?.code).toBe('profile-invalid');
  });
});
