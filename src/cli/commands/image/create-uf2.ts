import { inspectImage, requireImage } from '../../../image/check.ts';
import { memoryPayload } from '../../../image/payload.ts';
import { SpacepackError } from '../../../protocol/errors.ts';
import { hexFormat, hexScanOf } from '../../../protocol/firmware/intel-hex/format.ts';
import { mapOfBinary } from '../../../protocol/firmware/raw-binary.ts';
import { rawFormat } from '../../../protocol/firmware/raw-format.ts';
import { toHex } from '../../../protocol/hex.ts';
import { createUf2, uf2RecipeOf } from '../../../protocol/uf2/create.ts';
import { UF2_FAMILY_IDS, uf2FamilyOfName } from '../../../protocol/uf2/family-ids.ts';
import { nearest } from '../../parse/suggest.ts';

export const uf2Options = {
  family: {
    type: 'string',
    requiresArg: true,
    group: 'With --format uf2:',
    describe: 'The chip or board: a name as in uf2families.json, or its number: 0x and up to 8 hex digits',
  },
  address: {
    type: 'string',
    requiresArg: true,
    group: 'With --format uf2:',
    describe: 'Where a raw binary begins in memory: 0x and up to 8 hex digits; Intel HEX says it itself',
  },
} as const;

interface Uf2Wish {
  readonly family: string | undefined;
  readonly address: string | undefined;
}

const refuse = (expected: string, found: string): never => {
  throw new SpacepackError('usage', `Expected ${expected}, found ${found}.`);
};

/** A number of 32 bits as it is asked for; `null`: the text is none. */
function numberIn(text: string): number | null {
  return /^0x[0-9a-f]{1,8}$/i.test(text) ? Number.parseInt(text.slice(2), 16) : null;
}

async function familyIdOf(text: string | undefined): Promise<number> {
  if (text === undefined) return refuse('--family', 'none');
  const id = numberIn(text) ?? uf2FamilyOfName(text)?.id;
  if (id !== undefined) return id;
  const names = UF2_FAMILY_IDS.map(({ name }) => name);
  const near = await nearest(text.toUpperCase(), names);
  const hint = near === null ? '' : ` Did you mean ${near}?`;
  const message = `Expected --family to be a known name, or 0x and up to 8 hexadecimal digits, found "${text}".${hint}`;
  throw new SpacepackError('usage', message);
}

/** `stepBytes`: what the first block must be a multiple of, so that nothing is written that the binary does not hold. */
function addressIn(text: string | undefined, stepBytes: number): number {
  if (text === undefined) return refuse('--address, where the raw binary begins in memory', 'none');
  const address = numberIn(text) ?? refuse('--address to be 0x and up to 8 hexadecimal digits', `"${text}"`);
  if (address % stepBytes === 0) return address;
  return refuse(`--address to be a multiple of ${stepBytes} for this family`, toHex(address, 8));
}

/**
 * A UF2 file of a raw binary or of Intel HEX. Rejects with `usage` for an option that does not fit, and with `image-*`
 * for an application that is broken or of another kind.
 */
export async function uf2Of(path: string, application: Uint8Array, { family, address }: Uf2Wish): Promise<Uint8Array> {
  const familyId = await familyIdOf(family);
  const payload = memoryPayload(path, application);
  const source = requireImage(await inspectImage(payload, [{ images: [hexFormat, rawFormat] }]), path);
  const hex = hexScanOf(source);
  const recipe = uf2RecipeOf(familyId, hex === null);
  if (hex !== null) {
    if (address === undefined) return createUf2(hex.map, recipe);
    return refuse('no --address with an Intel HEX file, which says its own', address);
  }
  const map = mapOfBinary(application, addressIn(address, recipe.sectorBytes));
  return map.ok ? createUf2(map.value, recipe) : refuse(`${path} to hold ${map.expected}`, map.found);
}
