import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { errnoOf } from '../../computer/errno.ts';
import { isBoolean, isText, oneOf, orNull, parseJson, such, whole, withFields } from '../../protocol/shapes.ts';
import type { Drive, UsbIdentity } from '../../protocol/sight.ts';
import { nullIfVanished } from '../vanished.ts';

/** What `.drives/NAME.json` says of the drive that the folder NAME stands for. */
export interface DriveNote {
  readonly attachment: string;
  readonly usb: UsbIdentity | null;
  readonly vendor: string | null;
  readonly product: string | null;
  readonly mediaName: string;
  readonly sizeBytes: number;
  readonly writeProtected: boolean;
  readonly scheme: Drive['scheme'];
  readonly fileSystem: string | null;
  readonly label: string;
  readonly freeBytes: number;
}

const MOST_BYTES = 16 * 1024;
const MOST_TEXT = 256;

/**
 * Reads a note; `null` if there is none, if it is being written, or if its format is wrong. Rejects with the system's
 * error if it cannot be read.
 */
export async function readDriveNote(path: string): Promise<DriveNote | null> {
  const text = await readSmall(path);
  return text === null ? null : parseDriveNote(text);
}

const isShort = such(isText, (text) => text.length <= MOST_TEXT);
const isWord = whole(0, 0xffff);
const isUsb = withFields<UsbIdentity>({
  vendorId: isWord,
  productId: isWord,
  bcdDevice: orNull(isWord),
  serial: orNull(isShort),
  port: orNull(isShort),
  revision: orNull(isShort),
});

const isDriveNote = withFields<DriveNote>({
  attachment: isShort,
  usb: orNull(isUsb),
  vendor: orNull(isShort),
  product: orNull(isShort),
  mediaName: isShort,
  sizeBytes: whole(0),
  writeProtected: isBoolean,
  scheme: oneOf('mbr', 'gpt', 'none', 'unknown'),
  fileSystem: orNull(isShort),
  label: isShort,
  freeBytes: whole(0),
});

/** A note from its file's text; `null` if any part is missing or has another type. */
export function parseDriveNote(text: string): DriveNote | null {
  return parseJson(text, isDriveNote);
}

async function readSmall(path: string): Promise<string | null> {
  try {
    const handle = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
    try {
      const found = await handle.stat();
      if (!found.isFile() || found.size > MOST_BYTES) return null;
      return await handle.readFile('utf8');
    } finally {
      await handle.close();
    }
  } catch (thrown) {
    // A link is not a note, whatever it points to.
    return errnoOf(thrown) === 'ELOOP' ? null : nullIfVanished(thrown);
  }
}
