import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { recogniseContainer, recogniseFile } from '../../../src/protocol/firmware/file-kinds.ts';
import { fixture } from '../../image/fixtures.ts';

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));

describe('recogniseFile', () => {
  test.each([
    ['an MCUboot image', fixture('signed.bin')],
    ['a big-endian MCUboot image', fixture('big-endian.dfu')],
    ['a UF2 file', ascii('UF2\nWQ]\x9e')],
    ['an Intel HEX file', ascii(':020000040800F2\r\n')],
    ['a Motorola S-record file', ascii('S00F000068656C6C6F')],
    ['an ELF file', ascii('\x7fELF\x01\x01')],
    ['a DfuSe file', ascii('DfuSe\x01')],
    ['a ZIP archive', ascii('PK\x03\x04')],
    ['a gzip file', ascii('\x1f\x8b\x08')],
    ['an HTML page', ascii('\n<!DOCTYPE html><html>')],
    ['a Git LFS pointer in place of the file', ascii('version https://git-lfs.github.com/spec/v1')],
    ['erased flash memory', new Uint8Array(32).fill(0xff)],
    ['zeros', new Uint8Array(32)],
  ])('knows %s', (kind, bytes) => {
    expect(recogniseFile(bytes)).toBe(kind);
  });

  test('does not guess at raw firmware', () => {
    expect(recogniseFile(fixture('application.bin'))).toBeNull();
    expect(recogniseFile(new Uint8Array(0))).toBeNull();
  });

  test('takes any bytes', () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => void recogniseFile(bytes)));
  });
});

describe('recogniseContainer', () => {
  test('lets an application begin with zeros', () => {
    expect(recogniseContainer(new Uint8Array(32))).toBeNull();
    expect(recogniseContainer(fixture('signed.bin'))).not.toBeNull();
  });

  test('says how an image is made of an ELF file', () => {
    expect(recogniseContainer(ascii('\x7fELF\x01\x01'))?.remedy).toContain('objcopy');
  });
});
