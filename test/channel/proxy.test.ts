import { expect, test } from 'vitest';
import { proxyFor } from '../../src/channel/proxy.ts';

const P = 'http://proxy.example:3128';

test.each<[string, Readonly<Record<string, string>>, string | null]>([
  ['https://a.example/', {}, null],
  ['https://a.example/', { HTTPS_PROXY: P }, P],
  ['https://a.example/', { https_proxy: P, HTTPS_PROXY: 'http://other.example' }, P],
  ['https://a.example/', { HTTP_PROXY: P }, null],
  ['http://a.example/', { HTTP_PROXY: P }, P],
  ['http://a.example/', { HTTPS_PROXY: P }, null],
  ['http://a.example/', { ALL_PROXY: P }, P],
  ['http://a.example/', { HTTP_PROXY: 'proxy.example:3128' }, P],
  ['http://a.example/', { HTTP_PROXY: P, NO_PROXY: '*' }, null],
  ['http://a.example/', { HTTP_PROXY: P, NO_PROXY: 'a.example' }, null],
  ['http://A.example/', { HTTP_PROXY: P, no_proxy: 'b.example, A.EXAMPLE' }, null],
  ['http://sub.a.example/', { HTTP_PROXY: P, NO_PROXY: 'a.example' }, null],
  ['http://sub.a.example/', { HTTP_PROXY: P, NO_PROXY: '.a.example' }, null],
  ['http://sub.a.example/', { HTTP_PROXY: P, NO_PROXY: '*.a.example' }, null],
  ['http://evila.example/', { HTTP_PROXY: P, NO_PROXY: 'a.example' }, P],
  ['http://a.example/', { HTTP_PROXY: P, NO_PROXY: 'a.example:80' }, null],
  ['http://a.example/', { HTTP_PROXY: P, NO_PROXY: 'a.example:8080' }, P],
  ['http://[::1]:80/', { HTTP_PROXY: P, NO_PROXY: '[::1]' }, null],
  ['http://a.example/', { HTTP_PROXY: P, NO_PROXY: '' }, P],
  ['http://[::1]/', { HTTP_PROXY: P, NO_PROXY: '::1' }, null],
  ['http://[::1]/', { HTTP_PROXY: P, NO_PROXY: '0:0:0:0:0:0:0:1' }, null],
  ['http://[::1]:8080/', { HTTP_PROXY: P, NO_PROXY: '[::1]:8080' }, null],
  ['http://[::1]/', { HTTP_PROXY: P, NO_PROXY: '[::1]:8080' }, P],
  ['http://[::2]/', { HTTP_PROXY: P, NO_PROXY: '::1' }, P],
  ['http://10.1.2.3/', { HTTP_PROXY: P, NO_PROXY: '10.0.0.0/8' }, null],
  ['http://11.1.2.3/', { HTTP_PROXY: P, NO_PROXY: '10.0.0.0/8' }, P],
  ['http://10.1.2.3/', { HTTP_PROXY: P, NO_PROXY: '10.0.0.0/33' }, P],
  ['http://10.1.2.3/', { HTTP_PROXY: P, NO_PROXY: '0.0.0.0/0' }, null],
  ['http://[fd12::1]/', { HTTP_PROXY: P, NO_PROXY: 'fd00::/8' }, null],
  ['http://[fe80::1]/', { HTTP_PROXY: P, NO_PROXY: 'fd00::/8' }, P],
  ['http://10.example/', { HTTP_PROXY: P, NO_PROXY: '10.0.0.0/8' }, P],
  ['https://a.example/', { ALL_PROXY: 'socks5h://s.example' }, 'socks5h://s.example'],
  ['https://a.example/', { all_proxy: 'socks4://s.example', HTTPS_PROXY: P }, P],
  ['http://a.example/', { HTTP_PROXY: 'socks5://s.example:1080' }, 'socks5://s.example:1080'],
])('%s with %j goes by %s', (url, variables, proxy) => {
  const found = proxyFor(new URL(url), variables);
  expect(found && `${found.protocol}//${found.host}`).toBe(proxy);
});

test.each(['ftp://user:secret@proxy.example', 'socks5://', 'http://', '://secret'])(
  '%s is refused, and not told',
  (HTTP_PROXY) => {
    expect(() => proxyFor(new URL('http://a.example/'), { HTTP_PROXY })).toThrow(
      expect.objectContaining({ code: 'usage', message: expect.not.stringContaining('secret') }),
    );
  },
);
