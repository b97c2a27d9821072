import type { Targets } from '@tufjs/models';
import { oneOf, withFields } from '../protocol/shapes.ts';

/**
 * What the signed part of a top-level list holds, beside `targets` and `delegations`, to say that no client needs its
 * delegations to know what it is offered.
 */
export const COMPLETE_LIST: { readonly spacepack: { readonly complete: true } } = { spacepack: { complete: true } };

const saysSo = withFields({ spacepack: withFields({ complete: oneOf(true) }) });

/**
 * Whether a top-level list says that it holds every release that can be offered to any device. Its delegations then
 * hold only what other TUF clients may look up by name.
 */
export function isCompleteList({ unrecognizedFields }: Targets): boolean {
  return saysSo(unrecognizedFields);
}
