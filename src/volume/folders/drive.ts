import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { errnoOf } from '../../computer/errno.ts';
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
const SCHEMES: readonly string[] = ['mbr', 'gpt', 'none', 'unknown'] satisfies Drive['scheme'][];

/**
 * Reads a note; `null` if there is none, or if it is being written, or breaks the form. Rejects with the system's error if it
 * cannot be read.
 */
export async function readDriveNote(path: string): Promise<DriveNote | null> {
  const text = await readSmall(path);
  if (text === null) return null;
  try {
    return parseDriveNote(JSON.parse(text));
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return null;
    throw thrown;
  }
}

/** A note from parsed JSON; `null` if any part is missing or of another type. */
export function parseDriveNote(value: unknown): DriveNote | null {
  if (!isRecord(value)) return null;
  const { attachment, usb, vendor, product, mediaName, label } = value;
  const { sizeBytes, writeProtected, scheme, fileSystem, freeBytes } = value;
  const identity = usb === null ? null : parseUsb(usb);
  if (identity === undefined) return null;
  if (!isText(attachment) || !isText(mediaName) || !isText(label)) return null;
  if (!isTextOrNull(vendor) || !isTextOrNull(product)) return null;
  if (!isCount(sizeBytes) || !isCount(freeBytes) || typeof writeProtected !== 'boolean') return null;
  if (!isScheme(scheme) || !(fileSystem === null || isText(fileSystem))) return null;
  const names = { vendor, product, mediaName, label };
  return { attachment, usb: identity, ...names, sizeBytes, writeProtected, scheme, fileSystem, freeBytes };
}

function parseUsb(value: unknown): UsbIdentity | undefined {
  if (!isRecord(value)) return undefined;
  const { vendorId, productId, bcdDevice, serial, port, revision } = value;
  if (!isWord(vendorId) || !isWord(productId) || !(bcdDevice === null || isWord(bcdDevice))) return undefined;
  if (!isTextOrNull(serial) || !isTextOrNull(port) || !isTextOrNull(revision)) return undefined;
  return { vendorId, productId, bcdDevice, serial, port, revision };
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
    // A link is no note, whatever is at its end.
    return errnoOf(thrown) === 'ELOOP' ? null : nullIfVanished(thrown);
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length <= MOST_TEXT;
}

function isTextOrNull(value: unknown): value is string | null {
  return value === null || isText(value);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function isWord(value: unknown): value is number {
  return isCount(value) && value <= 0xffff;
}

function isScheme(value: unknown): value is Drive['scheme'] {
  return typeof value === 'string' && SCHEMES.includes(value);
}
