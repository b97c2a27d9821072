import type { Check, SignatureState, TrustedKey } from '../../image-facts.ts';
import { signAgain } from './sign-again.ts';
import type { ImageSignature, ImageTrailer } from './trailer.ts';

/** What the signatures of an image amount to. */
export interface Signed {
  readonly check: Check;
  readonly state: Exclude<SignatureState, 'none'>;
  /** Of the key that signed it, a known one if possible; `null`: none that a device could trust. */
  readonly keyHash: string | null;
}

/** What is not about the image itself. */
export interface Trust {
  readonly keys: readonly TrustedKey[];
  /** Hashes of the keys that anybody can sign for. */
  readonly weak: ReadonlySet<string>;
}

/** A signature that some device might accept. */
type Usable = ImageSignature & { readonly keyHash: string };

const ABSENT_REMEDY = signAgain('with an Ed25519 key (imgtool sign --key, or spacepack image create --key)');

function made(
  expected: string,
  found: string,
  state: Signed['state'],
  keyHash: string | null,
  remedy?: string,
): Signed {
  const ok = { verified: true, wrong: false, absent: false, unchecked: null }[state];
  const check = { check: 'signature', code: 'image-signature', expected, found, ok } as const;
  return { check: remedy === undefined ? check : { ...check, remedy }, state, keyHash };
}

/** What there is in place of a signature that a device could accept. */
function describeOthers({ signatures, otherAlgorithms }: ImageTrailer, weak: ReadonlySet<string>): string {
  const parts = [
    ...new Set(otherAlgorithms.map((algorithm) => `one made with ${algorithm}`)),
    ...(signatures.some(({ keyHash }) => keyHash === null) ? ['one that names no key'] : []),
    ...(signatures.some(({ keyHash }) => weak.has(keyHash ?? '')) ? ['one by a key that anybody can sign for'] : []),
  ];
  return parts.join(' and ') || 'none';
}

/** protocol §8.2: at least one signature by a known key, and none of those wrong. `null`: no usable TLV areas. */
export function judgeSignatures(trailer: ImageTrailer | null, { keys, weak }: Trust): Signed {
  const expected = `an Ed25519 signature by ${keys.map(({ keyHash }) => keyHash).join(' or ') || 'a known key'}`;
  if (trailer === null) return made(expected, 'no usable TLV areas', 'unchecked', null);
  const { hash, signatures } = trailer;
  const usable = signatures.filter((each): each is Usable => each.keyHash !== null && !weak.has(each.keyHash));
  const [first, ...more] = usable;
  if (first === undefined)
    return made('an Ed25519 signature', describeOthers(trailer, weak), 'absent', null, ABSENT_REMEDY);
  const found = `one by ${[first, ...more].map(({ keyHash }) => keyHash).join(' and ')}`;
  if (keys.length === 0) return made(expected, `${found}; no key is known here`, 'unchecked', first.keyHash);
  const tried = usable.flatMap(({ keyHash, signature }) => {
    const key = keys.find((candidate) => candidate.keyHash === keyHash);
    return key === undefined ? [] : [{ keyHash, fits: key.verify(hash, signature) }];
  });
  const signer = tried[0]?.keyHash ?? first.keyHash;
  if (tried.some(({ fits }) => !fits)) return made(expected, `${found} that does not fit the image`, 'wrong', signer);
  return made(expected, found, tried.length > 0 ? 'verified' : 'wrong', signer);
}
