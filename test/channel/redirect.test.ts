import { expect, test } from 'vitest';
import { followRedirect } from '../../src/channel/redirect.ts';

test.each([
  ['https://a.example/x', 'https://b.example/y', 'https://b.example/y'],
  ['https://a.example/x', '/y', 'https://a.example/y'],
  ['https://a.example/x/', 'y', 'https://a.example/x/y'],
  ['http://a.example/x', 'https://a.example/x', 'https://a.example/x'],
  ['http://a.example/x', 'https://b.example/x', 'https://b.example/x'],
  ['http://a.example:8080/x', '/y', 'http://a.example:8080/y'],
  ['https://me:secret@a.example/x', '/y', 'https://a.example/y'],
])('from %s to %s is followed', (from, location, to) => {
  expect(followRedirect(new URL(from), location).href).toBe(to);
});

test.each([
  ['https://a.example/x', 'http://a.example/x'],
  ['https://a.example/x', '//a.example@b.example/x'],
  ['http://a.example/x', 'http://b.example/x'],
  ['http://a.example/x', 'http://a.example:8080/x'],
  ['http://a.example/x', 'http://127.0.0.1/x'],
  ['https://a.example/x', 'file:///etc/passwd'],
  ['https://a.example/x', 'data:,x'],
  ['https://a.example/x', 'javascript:x'],
  ['https://a.example/x', 'https://user:secret@b.example/x'],
  ['https://a.example/x', 'https://'],
  ['https://a.example/x', null],
])('from %s to %s is refused', (from, location) => {
  expect(() => followRedirect(new URL(from), location)).toThrow(
    expect.objectContaining({ code: 'channel-unreachable', message: expect.not.stringContaining('secret') }),
  );
});
