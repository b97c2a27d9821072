import { type Decoded, decoded, type Mismatch, mismatch } from '../decoded.ts';
import { hexOfBytes, toHex } from '../hex.ts';
import { utf8Of } from './text.ts';

/** Something that is said about the firmware behind a block's payload (UF2, "Extension tags"). No bootloader reads it. */
export interface Uf2Tag {
  /** 24 bits. */
  readonly type: number;
  readonly value: Uint8Array;
}

/** What the tags of the specification say; `null`: nothing. Texts are not cleaned. */
export interface Uf2TagFacts {
  /** Of the firmware, usually as semver. */
  readonly version: string | null;
  /** The device that the firmware is for. */
  readonly device: string | null;
  /** Of the device's flash memory. */
  readonly pageBytes: number | null;
  /** Lower-case digits. The specification does not say over which bytes, so nobody can check it. */
  readonly sha2: string | null;
  /** A kind of device, narrower than the family: 8 or 16 upper-case digits. */
  readonly deviceType: string | null;
}

/** `ignore`: from the Pico SDK (boot/uf2.h), for a block that is there because of an erratum of RP2350. */
export const UF2_TAG = {
  version: 0x9fc7bc,
  device: 0x650d9d,
  pageSize: 0x0be9f7,
  sha2: 0xb46db0,
  deviceType: 0xc8a729,
  ignore: 0x9957e3,
} as const;

const HEADER_BYTES = 4;

interface TagRule {
  readonly name: string;
  /** `null`: any, which is a text in UTF-8. */
  readonly sizes: readonly number[] | null;
}

const RULES: Readonly<Record<number, TagRule>> = {
  [UF2_TAG.version]: { name: 'a version', sizes: null },
  [UF2_TAG.device]: { name: 'a description of the device', sizes: null },
  [UF2_TAG.pageSize]: { name: 'a page size', sizes: [4] },
  [UF2_TAG.sha2]: { name: 'a SHA-2', sizes: [28, 32, 48, 64] },
  [UF2_TAG.deviceType]: { name: 'a device type', sizes: [4, 8] },
};

function judgeTag({ type, value }: Uf2Tag): Mismatch | null {
  const rule = RULES[type];
  if (rule === undefined) return null;
  if (rule.sizes === null) return utf8Of(value) === null ? mismatch(`${rule.name} in UTF-8`, 'other bytes') : null;
  if (rule.sizes.includes(value.length)) return null;
  return mismatch(`${rule.name} of ${rule.sizes.join(', ')} bytes`, `one of ${value.length}`);
}

/** Decodes tags up to the one that ends them; what follows is ignored. The values are views of `bytes`. */
export function decodeUf2Tags(bytes: Uint8Array): Decoded<readonly Uf2Tag[]> {
  const tags: Uf2Tag[] = [];
  for (let offset = 0; offset + HEADER_BYTES <= bytes.length; ) {
    const [size = 0, low = 0, middle = 0, high = 0] = bytes.subarray(offset, offset + HEADER_BYTES);
    const type = (high << 16) | (middle << 8) | low;
    if (size === 0 && type === 0) return decoded(tags);
    if (size < HEADER_BYTES) return mismatch('tags of at least 4 bytes', `${size} in type ${toHex(type, 6)}`);
    if (offset + size > bytes.length) {
      return mismatch('tags that end within the block', `${size} bytes of type ${toHex(type, 6)} at its end`);
    }
    const tag = { type, value: bytes.subarray(offset + HEADER_BYTES, offset + size) };
    const wrong = judgeTag(tag);
    if (wrong !== null) return wrong;
    tags.push(tag);
    offset += Math.ceil(size / 4) * 4;
  }
  return mismatch('an end of the tags', 'none within the block');
}

/** Tags and their end. Throws a RangeError for a value of more than 251 bytes. */
export function encodeUf2Tags(tags: readonly Uf2Tag[]): Uint8Array {
  const parts = tags.map(({ type, value }) => {
    const size = HEADER_BYTES + value.length;
    if (size > 0xff) throw new RangeError(`a tag of ${size} bytes`);
    const part = new Uint8Array(Math.ceil(size / 4) * 4);
    part.set([size, type & 0xff, (type >> 8) & 0xff, (type >> 16) & 0xff]);
    part.set(value, HEADER_BYTES);
    return part;
  });
  return Uint8Array.from([...parts, new Uint8Array(HEADER_BYTES)].flatMap((part) => [...part]));
}

/** What tags say together; if one type is there twice, the first counts. Takes tags as `decodeUf2Tags` gives them. */
export function factsOfUf2Tags(tags: readonly Uf2Tag[]): Uf2TagFacts {
  const bytesOf = (wanted: number): Uint8Array | null => tags.find(({ type }) => type === wanted)?.value ?? null;
  const textOf = (type: number): string | null => utf8Of(bytesOf(type) ?? Uint8Array.of(0xff));
  // Numbers are little-endian; read from the other end, their digits are those of the number.
  const numberOf = (type: number): string | null => {
    const value = bytesOf(type);
    return value === null ? null : hexOfBytes(value.toReversed()).toUpperCase();
  };
  const page = numberOf(UF2_TAG.pageSize);
  const sha2 = bytesOf(UF2_TAG.sha2);
  return {
    version: textOf(UF2_TAG.version),
    device: textOf(UF2_TAG.device),
    pageBytes: page === null ? null : Number.parseInt(page, 16),
    sha2: sha2 === null ? null : hexOfBytes(sha2),
    deviceType: numberOf(UF2_TAG.deviceType),
  };
}

/** Whether two lists say the same in the same order. */
export function areSameUf2Tags(some: readonly Uf2Tag[], others: readonly Uf2Tag[]): boolean {
  return (
    some.length === others.length &&
    some.every(({ type, value }, index) => {
      const other = others[index];
      return (
        type === other?.type &&
        value.length === other.value.length &&
        value.every((byte, at) => byte === other.value[at])
      );
    })
  );
}
