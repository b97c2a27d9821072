import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { run, temporaryFile, temporaryFolder } from '../../harness.ts';

const application = temporaryFile('app.bin', 'the application');

const variables = { SPACEPACK_IMAGE_PASSPHRASE: 'correct horse battery' };
const keygen = (name: string, ...rest: readonly string[]) =>
  run(['image', 'keygen', name, '--json', ...rest], { variables });

describe('keygen', () => {
  test('makes a pair; the private key is encrypted, and for its owner alone', async () => {
    const name = join(temporaryFolder(), 'maker');
    const { status, events } = await keygen(name);
    expect(status).toBe(0);
    expect(statSync(`${name}.private.pem`).mode & 0o777).toBe(0o600);
    expect(readFileSync(`${name}.private.pem`, 'utf8')).toContain('BEGIN ENCRYPTED PRIVATE KEY');
    expect(readFileSync(`${name}.public.pem`, 'utf8')).toContain('BEGIN PUBLIC KEY');
    expect(events.filter(({ event }) => event === 'file')).toHaveLength(2);
  });

  test('without a passphrase refuses, unless that is wished for', async () => {
    const name = join(temporaryFolder(), 'maker');
    expect((await run(['image', 'keygen', name, '--json'])).result?.code).toBe('usage');
    expect(existsSync(`${name}.private.pem`)).toBe(false);
    expect((await run(['image', 'keygen', name, '--unencrypted'])).status).toBe(0);
    expect(readFileSync(`${name}.private.pem`, 'utf8')).toContain('BEGIN PRIVATE KEY');
  });

  test('asks for a passphrase at a terminal', async () => {
    const name = join(temporaryFolder(), 'maker');
    const { status } = await run(['image', 'keygen', name], { terminal: 80, answer: 'correct horse battery' });
    expect(status).toBe(0);
    expect(readFileSync(`${name}.private.pem`, 'utf8')).toContain('ENCRYPTED');
  });

  test.each(['x', 'aaaaaaaaaaaa'])('refuses the passphrase %j', async (weak) => {
    const name = join(temporaryFolder(), 'maker');
    const { result } = await run(['image', 'keygen', name, '--json'], {
      variables: { SPACEPACK_IMAGE_PASSPHRASE: weak },
    });
    expect(result?.code).toBe('key-unusable');
    expect(existsSync(`${name}.private.pem`)).toBe(false);
  });

  test('never overwrites a key', async () => {
    const name = join(temporaryFolder(), 'maker');
    await keygen(name);
    const before = readFileSync(`${name}.private.pem`, 'utf8');
    expect((await keygen(name)).status).toBe(2);
    expect(readFileSync(`${name}.private.pem`, 'utf8')).toBe(before);
  });

  test('leaves no half pair behind', async () => {
    const name = join(temporaryFolder(), 'maker');
    writeFileSync(`${name}.public.pem`, 'mine');
    expect((await keygen(name)).status).toBe(2);
    expect(existsSync(`${name}.private.pem`)).toBe(false);
    expect(readFileSync(`${name}.public.pem`, 'utf8')).toBe('mine');
  });

  test('takes a passphrase from an environment variable, never from the command line', async () => {
    const name = join(temporaryFolder(), 'maker');
    const argv = ['image', 'keygen', name, '--passphrase', 'SECRET'];
    expect((await run(argv)).status).toBe(2);
    expect((await run(argv, { variables: { SECRET: 'correct horse battery' } })).status).toBe(0);
    expect(readFileSync(`${name}.private.pem`, 'utf8')).toContain('ENCRYPTED');
  });
});

describe('create', () => {
  async function create(...options: readonly string[]) {
    const out = join(temporaryFolder(), 'firmware.dfu');
    const argv = ['image', 'create', application, '--version', '1.2.3', '--security-counter', '4', '--out', out];
    return { out, ...(await run([...argv, '--json', ...options], { variables })) };
  }

  test('what it makes, verify accepts with the key', async () => {
    const name = join(temporaryFolder(), 'maker');
    await keygen(name);
    const { out, status } = await create('--key', `${name}.private.pem`, '--hardware', '0100');
    expect(status).toBe(0);
    const { events, status: verified } = await run(['verify', out, '--key', `${name}.public.pem`, '--json']);
    expect(verified).toBe(0);
    const facts = { version: '1.2.3+0', securityCounter: 4, hardware: '0100', signature: 'verified' };
    expect(events).toContainEqual(expect.objectContaining({ event: 'image', vendorId: '19E7', ...facts }));
  });

  test.each([0o666, 0o644])('refuses a private key of mode %o', async (mode) => {
    const name = join(temporaryFolder(), 'maker');
    await keygen(name);
    chmodSync(`${name}.private.pem`, mode);
    const { result, out } = await create('--key', `${name}.private.pem`);
    expect(result?.code).toBe('key-unusable');
    expect(existsSync(out)).toBe(false);
  });

  test('asks for the passphrase of its key at a terminal, and only of an encrypted one', async () => {
    const [name, plain] = [join(temporaryFolder(), 'maker'), join(temporaryFolder(), 'plain')];
    await keygen(name);
    await run(['image', 'keygen', plain, '--unencrypted']);
    const argv = ['image', 'create', application, '--version', '1.2.3', '--security-counter', '4', '--key'];
    const out = (): readonly string[] => ['--out', join(temporaryFolder(), 'firmware.dfu')];
    const asked = [...argv, `${name}.private.pem`, ...out()];
    expect((await run(asked)).status).toBe(2);
    expect((await run(asked, { terminal: 80, answer: 'correct horse battery' })).status).toBe(0);
    expect((await run([...argv, `${plain}.private.pem`, ...out()])).status).toBe(0);
  });

  test.each([
    [['--version', '1.2'], 'usage'],
    [['--security-counter', '-1'], 'usage'],
    [['--vendor', 'xyz'], 'usage'],
    [['--header-size', '8'], 'usage'],
    [['--key', application], 'key-unusable'],
    [['--key', '/nowhere.pem'], 'key-unusable'],
  ])('%j is refused, and nothing is made', async (options, code) => {
    const [name] = options;
    const out = join(temporaryFolder(), 'firmware.dfu');
    const all = new Map([
      ['--version', '1.2.3'],
      ['--security-counter', '4'],
      ['--out', out],
      [name ?? '', options[1] ?? ''],
    ]);
    const { status, result } = await run(['image', 'create', application, '--json', ...[...all].flat()]);
    expect({ status, code: result?.code }).toEqual({ status: 2, code });
    expect(existsSync(out)).toBe(false);
  });

  test('never overwrites an image', async () => {
    const out = temporaryFile('firmware.dfu', 'mine');
    const argv = ['image', 'create', application, '--version', '1.2.3', '--security-counter', '4', '--out', out];
    expect((await run(argv)).status).toBe(2);
    expect(readFileSync(out, 'utf8')).toBe('mine');
  });
});

test('inspect shows any file and judges none', async () => {
  const { status, events } = await run(['image', 'inspect', application, '--json']);
  expect(status).toBe(0);
  expect(events.filter(({ event }) => event === 'check').length).toBeGreaterThan(0);
  expect(events).toContainEqual(expect.objectContaining({ event: 'image', version: null }));
});
