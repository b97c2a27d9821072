import { parseRecord } from '../../../src/computer/records.ts';
import type { OpenRecord } from '../../../src/protocol/commitment.ts';
import { parseDriveNote } from '../../../src/volume/folders/drive.ts';
import { bytesOf, promise, requireCount, requireEqual, type Target, textOf } from '../target.ts';
import { JSON_WORDS, parsedJson, reshapedJson } from './json.ts';

const RECORD: OpenRecord = {
  serial: 'SP00000001',
  action: 'install',
  nonce: '00112233445566778899aabbccddeeff',
  family: 'spacepack',
  memory: { bootCount: 7, session: '0123456789abcdef' },
  newImage: 'ab'.repeat(32),
  oldImage: null,
  fromVersion: '1.0.0+0',
  toVersion: null,
  port: '1-1',
  timing: { quietMs: 1_500, quietDirtyMs: 40_000, maxAwayMs: 120_000 },
  committedAt: '2026-01-01T00:00:00.000Z',
};

const record: Target = {
  name: 'record',
  words: [...JSON_WORDS, ...Object.keys(RECORD), ...Object.keys(RECORD.timing), 'format', 'ping', '-1', '1.5'],
  seeds: () => [bytesOf(JSON.stringify({ format: 3, ...RECORD }))],
  reshaped: reshapedJson,
  run(bytes) {
    const found = parseRecord(textOf(bytes));
    if (found === null) return 'none';
    for (const count of Object.values(found.timing)) requireCount(count, 'a count');
    const isWell = /^[0-9a-f]{32}$/i.test(found.nonce);
    promise(isWell && ['install', 'ping'].includes(found.action), () => JSON.stringify(found));
    const again = parseRecord(JSON.stringify({ ...found, format: 3 }));
    requireEqual(again, found, 'a record and what is read of it when written');
    return found.action;
  },
};

const NOTE = {
  attachment: '1',
  usb: { vendorId: 0x19e7, productId: 0x1111, bcdDevice: 256, serial: 'SP1', port: '1-1', revision: null },
  vendor: 'mophie',
  product: null,
  mediaName: 'a medium',
  sizeBytes: 1024,
  writeProtected: false,
  scheme: 'mbr',
  fileSystem: 'fat32',
  label: 'Untitled 1',
  freeBytes: 512,
};

const driveNote: Target = {
  name: 'drive-note',
  words: [...JSON_WORDS, ...Object.keys(NOTE), ...Object.keys(NOTE.usb), 'gpt', 'none', 'unknown'],
  seeds: () => [bytesOf(JSON.stringify(NOTE)), bytesOf(JSON.stringify({ ...NOTE, usb: null, fileSystem: null }))],
  reshaped: reshapedJson,
  run(bytes) {
    const text = textOf(bytes);
    const note = parseDriveNote(text);
    if (note === null) return parsedJson(text) === undefined ? 'no JSON' : 'none';
    requireCount(note.sizeBytes, 'sizeBytes');
    requireCount(note.freeBytes, 'freeBytes');
    promise(['mbr', 'gpt', 'none', 'unknown'].includes(note.scheme), () => `scheme: ${note.scheme}`);
    for (const id of note.usb === null ? [] : [note.usb.vendorId, note.usb.productId]) {
      promise(Number.isInteger(id) && id >= 0 && id <= 0xffff, () => `a USB id: ${id}`);
    }
    requireEqual(parseDriveNote(JSON.stringify(note)), note, 'a note and what is read of it when written');
    return `${note.scheme}, ${note.usb === null ? 'without' : 'with'} USB`;
  },
};

/** Files that spacepack, or the simulated bus, has written itself, and that anybody may have changed since. */
export const OWN_FILES: readonly Target[] = [record, driveNote];
