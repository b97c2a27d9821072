import { expect, test } from 'vitest';
import { carriedVariables } from '../../src/agent/carried-variables.ts';

test('what finds our folders and the network is carried over; nothing else is', () => {
  const { variables, withheld } = carriedVariables({
    SPACEPACK_STATE_DIR: '/state',
    HTTPS_PROXY: 'http://proxy:8080',
    no_proxy: 'localhost',
    ALL_PROXY: 'socks5h://proxy:1080',
    SPACEPACK_CHANNEL_PASSPHRASE: 'secret',
    HOME: '/home/me',
    HTTP_PROXY: '',
  });
  expect(variables).toEqual({
    SPACEPACK_STATE_DIR: '/state',
    HTTPS_PROXY: 'http://proxy:8080',
    no_proxy: 'localhost',
    ALL_PROXY: 'socks5h://proxy:1080',
  });
  expect(withheld).toEqual([]);
});

test.each([
  ['HTTPS_PROXY', 'http://me:secret@proxy:8080'],
  ['http_proxy', 'me:secret@proxy'],
  ['HTTP_PROXY', 'http://token@proxy'],
  ['ALL_PROXY', 'socks5h://me:secret@proxy:1080'],
  ['all_proxy', 'socks5://me:secret@proxy'],
  ['HTTPS_PROXY', 'http://me:sec/ret@proxy:8080'],
  ['NODE_EXTRA_CA_CERTS', '/a\nExecStart=/bin/sh'],
  ['SPACEPACK_LOG_DIR', '/a"b'],
])('%s=%j is withheld', (name, value) => {
  expect(carriedVariables({ [name]: value })).toEqual({ variables: {}, withheld: [name] });
});
