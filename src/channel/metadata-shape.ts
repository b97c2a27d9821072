import { SpacepackError } from '../protocol/errors.ts';
import { isText, listOf, parseJson, type Shape, withFields } from '../protocol/shapes.ts';

const isAnything: Shape<unknown> = (_value): _value is unknown => true;

const isMetadata = withFields({ signed: withFields({ _type: isText }), signatures: listOf(isAnything) });

/**
 * Throws `channel-unreachable` for what is no metadata at all, signed or not: the page of a hotel, a filter or a broken
 * cache says nothing about the channel. What has the form of metadata is left to the check of its signatures.
 */
export function requireMetadata(bytes: Buffer, name: string): Buffer {
  if (parseJson(bytes.toString('utf8'), isMetadata) !== null) return bytes;
  const found = bytes.length === 0 ? 'nothing' : 'something else, such as a page to sign in';
  throw new SpacepackError('channel-unreachable', `${name}: expected metadata of a channel, found ${found}.`, {
    remedy: 'Sign in to the network if it asks for that, check the address of the channel, and repeat the command.',
  });
}
