import { readText } from '../../computer/own-disk.ts';
import { trustedKey } from '../../image/keys.ts';
import { messageOf, SpacepackError } from '../../protocol/errors.ts';
import type { Family } from '../../protocol/family.ts';
import type { Settings } from '../settings/settings.ts';

export const keyOption = {
  key: {
    type: 'string',
    array: true,
    requiresArg: true,
    describe: "File with the maker's public key (PEM); may be given several times",
  },
} as const;

async function readKey(path: string): Promise<string> {
  let pem: string;
  try {
    pem = await readText(path);
  } catch (thrown) {
    if (thrown instanceof SpacepackError) throw thrown;
    const found = messageOf(thrown);
    throw new SpacepackError('key-unusable', `Expected a public key in ${path}, found ${found}.`, { cause: thrown });
  }
  try {
    trustedKey(pem);
  } catch (thrown) {
    if (!(thrown instanceof SpacepackError)) throw thrown;
    throw new SpacepackError(thrown.code, `${path}: ${thrown.message}`, { cause: thrown });
  }
  return pem;
}

/**
 * All makers' public keys that are known here, in PEM: from the command line, the settings and the families. Rejects
 * with `key-unusable`, naming the file. Whether an image is signed by the maker of this particular device is for the
 * device to check.
 */
export async function makerKeys(
  given: readonly string[],
  settings: Settings,
  families: readonly Family[],
): Promise<readonly string[]> {
  const files = await Promise.all([...given, ...settings.keys].map(readKey));
  return [...files, ...families.flatMap(({ publicKeys }) => publicKeys)];
}
