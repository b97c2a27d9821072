import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { MOST_ROLES } from '../../src/channel/delegated.ts';
import { formatVersion } from '../../src/protocol/versions.ts';
import { aClient } from './a-channel.ts';
import { aServer } from './a-server.ts';
import { aTarget, aTree, type ListWishes } from './a-tree.ts';

async function told(lists: Readonly<Record<string, ListWishes>>) {
  const tree = aTree();
  tree.write(lists);
  const server = await aServer(tree.folder);
  const client = await aClient({ url: server.url, root: tree.root() });
  const names = async (): Promise<readonly string[]> =>
    (await client.check()).releases.map(({ name, version }) => `${name} ${formatVersion(version).replace('+0', '')}`);
  const asked = (): readonly string[] => server.asked.map(({ path }) => path.replace('/metadata/', ''));
  return { tree, server, client, names, asked };
}

const prefixOf = (path: string): string => createHash('sha256').update(path).digest('hex').slice(0, 2);

describe('delegated roles are read', () => {
  test('by paths, with a folder of their own as usual, and below one another', async () => {
    const { names, client } = await told({
      targets: { targets: { 'top.dfu': aTarget('1.0.0') }, roles: [{ name: 'acme', paths: ['acme/*'] }] },
      acme: { targets: { 'acme/a.dfu': aTarget('1.1.0') }, roles: [{ name: 'beta', paths: ['acme/*'] }] },
      beta: { targets: { 'acme/b.dfu': aTarget('1.2.0') } },
    });
    expect(await names()).toEqual(['top.dfu 1.0.0', 'acme/a.dfu 1.1.0', 'acme/b.dfu 1.2.0']);
    expect(client.notices).toEqual([]);
  });

  test('by prefixes of hashes', async () => {
    const bin = { name: 'bin-1', path_hash_prefixes: [prefixOf('a.dfu')] };
    const { names } = await told({
      targets: { roles: [bin] },
      'bin-1': { targets: { 'a.dfu': aTarget('1.1.0') } },
    });
    expect(await names()).toEqual(['a.dfu 1.1.0']);
  });

  test('by succinct roles', async () => {
    const bit = Number.parseInt(prefixOf('a.dfu'), 16) >> 7;
    const { names } = await told({
      targets: { succinct: { bit_length: 1, name_prefix: 'bin' } },
      'bin-0': { targets: { 'a.dfu': aTarget('1.0.0') } },
      'bin-1': { targets: { 'a.dfu': aTarget('1.1.0') } },
    });
    expect(await names()).toEqual([`a.dfu 1.${bit}.0`]);
  });

  test('once: nothing new costs one request, and a change of one list fetches that list', async () => {
    const { client, tree, asked } = await told({
      targets: { roles: [{ name: 'acme', paths: ['*'] }] },
      acme: { targets: { 'a.dfu': aTarget('1.1.0') } },
    });
    expect((await client.check()).requests).toBe(5);
    expect(await client.check()).toMatchObject({ freshness: 'unchanged', requests: 1, releases: { length: 1 } });
    tree.write({
      targets: { roles: [{ name: 'beta', paths: ['*'] }] },
      beta: { targets: { 'b.dfu': aTarget('2.0.0') } },
      acme: {},
    });
    expect(await client.check()).toMatchObject({ releases: [{ name: 'b.dfu' }] });
    expect(asked().at(-1)).toBe('2.beta.json');
  });

  test('not at all where the list says that it is complete without them', async () => {
    const { names, asked } = await told({
      targets: {
        targets: { 'a.dfu': aTarget('1.0.0') },
        roles: [{ name: 'acme', paths: ['*'] }],
        more: { spacepack: { complete: true } },
      },
      acme: { targets: { 'b.dfu': aTarget('1.1.0') } },
    });
    expect(await names()).toEqual(['a.dfu 1.0.0']);
    expect(asked()).not.toContain('1.acme.json');
  });
});

describe('who may say what is decided by the lookup of TUF', () => {
  test('a role says nothing about names outside of its paths', async () => {
    const { names } = await told({
      targets: { roles: [{ name: 'acme', paths: ['acme-*'] }] },
      acme: { targets: { 'acme-a.dfu': aTarget('1.1.0'), 'other.dfu': aTarget('9.0.0') } },
    });
    expect(await names()).toEqual(['acme-a.dfu 1.1.0']);
  });

  test('the top-level list counts before a role, and an earlier role before a later one', async () => {
    const { names } = await told({
      targets: {
        targets: { 'top.dfu': aTarget('1.0.0') },
        roles: [
          { name: 'first', paths: ['*'] },
          { name: 'second', paths: ['*'] },
        ],
      },
      first: { targets: { 'a.dfu': aTarget('1.1.0') } },
      second: { targets: { 'a.dfu': aTarget('9.0.0'), 'top.dfu': aTarget('9.0.0'), 'b.dfu': aTarget('1.2.0') } },
    });
    expect(await names()).toEqual(['top.dfu 1.0.0', 'a.dfu 1.1.0', 'b.dfu 1.2.0']);
  });

  test('a terminating role ends the search', async () => {
    const { names } = await told({
      targets: {
        roles: [
          { name: 'first', paths: ['a*'], terminating: true },
          { name: 'second', paths: ['*'] },
        ],
      },
      first: {},
      second: { targets: { 'a.dfu': aTarget('9.0.0'), 'b.dfu': aTarget('1.2.0') } },
    });
    expect(await names()).toEqual(['b.dfu 1.2.0']);
  });
});

describe('a delegated role', () => {
  const withRole = (wishes: ListWishes, name = 'acme') =>
    told({
      targets: { targets: { 'top.dfu': aTarget('1.0.0') }, roles: [{ name, paths: ['*'] }] },
      [name]: { targets: { 'a.dfu': aTarget('1.1.0') }, ...wishes },
    });

  test('that a stranger signed: untrusted', async () => {
    const { client } = await withRole({ stranger: true });
    await expect(client.check()).rejects.toMatchObject({ code: 'channel-untrusted' });
  });

  test('that cannot be had: not reached', async () => {
    const { client, server } = await withRole({});
    server.play((request, response) => {
      const isIt = request.url?.endsWith('acme.json') === true;
      if (isIt) response.writeHead(404).end();
      return isIt;
    });
    await expect(client.check()).rejects.toMatchObject({ code: 'channel-unreachable' });
  });

  test.each<[string, ListWishes, string?]>([
    ['that has expired', { days: -1 }],
    ['that the snapshot does not list', { unlisted: true }],
    ['with the name of a path', {}, '../evil'],
    ['with the name of one of the main lists in capitals', {}, 'Snapshot'],
  ])('%s is left out, which is said; the others count', async (_, wishes, name) => {
    const { names, client } = await withRole(wishes, name);
    expect(await names()).toEqual(['top.dfu 1.0.0']);
    expect(client.notices.length).toBeGreaterThan(0);
    expect(await names()).toEqual(['top.dfu 1.0.0']);
  });

  test('whose pattern would keep a regular expression busy for ever keeps nobody busy', async () => {
    const name = `${'a'.repeat(90)}.dfu`;
    const { names } = await told({
      targets: { targets: { 'top.dfu': aTarget('1.0.0') }, roles: [{ name: 'acme', paths: [`${'*a'.repeat(20)}b`] }] },
      acme: { targets: { [name]: aTarget('9.0.0') } },
    });
    expect(await names()).toEqual(['top.dfu 1.0.0']);
  });

  test('beyond the most that are read is left out, which is said', async () => {
    const roles = Array.from({ length: MOST_ROLES + 1 }, (_, index) => ({ name: `r${index}`, paths: [`r${index}-*`] }));
    const lists = roles.map(({ name }) => [name, { targets: { [`${name}-a.dfu`]: aTarget('1.1.0') } }] as const);
    const { client } = await told({ targets: { roles }, ...Object.fromEntries(lists) });
    expect((await client.check()).releases).toHaveLength(MOST_ROLES);
    expect(client.notices).toEqual([expect.stringContaining(`r${MOST_ROLES}`)]);
  });
});
