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
])('%s with %j goes by %s', (url, variables, proxy) => {
  expect(proxyFor(new URL(url), variables)?.origin ?? null).toBe(proxy);
});

test.each(['socks5://user:secret@proxy.example', 'http://', '://secret'])(
  '%s is refused, and not told',
  (HTTP_PROXY) => {
    expect(() => proxyFor(new URL('http://a.example/'), { HTTP_PROXY })).toThrow(
      expect.objectContaining({ code: 'usage', message: expect.not.stringContaining('secret') }),
    );
  },
);
