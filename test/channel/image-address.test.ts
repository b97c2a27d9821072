import { describe, expect, test } from 'vitest';
import { imageAddressOf } from '../../src/channel/image-address.ts';

describe('what a person gives as an image', () => {
  test.each(['firmware.dfu', './https/x.dfu', '/a/b.dfu', 'C:\\firmware.dfu', 'c://x', 'a:b', ''])(
    '%s is a path',
    (text) => {
      expect(imageAddressOf(text)).toBeNull();
    },
  );

  test.each([
    ['https://example.com/a/firmware.dfu', 'https://example.com/a/firmware.dfu'],
    ['HTTP://EXAMPLE.com:8080/f.zip', 'http://example.com:8080/f.zip'],
    ['https://me:secret@example.com/f.dfu?token=secret#secret', 'https://example.com/f.dfu'],
    ['https:/me:secret@example.com/f.dfu', 'https://example.com/f.dfu'],
    ['http:\\\\me:secret@example.com\\f.dfu', 'http://example.com/f.dfu'],
    [' https://me:secret@example.com/f.dfu\n', 'https://example.com/f.dfu'],
  ])('%s is an address, shown without what may be a credential', (text, shown) => {
    expect(imageAddressOf(text)).toMatchObject({ shown });
  });

  test.each(['ftp://example.com/f.dfu', 'file:///f.dfu', 'https://', 'https://a b/'])('%s is refused', (text) => {
    expect(() => imageAddressOf(text)).toThrow(expect.objectContaining({ code: 'usage' }));
  });
});
