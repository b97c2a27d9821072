import { toHex } from '../../hex.ts';

/** Where the application is to be started, as the file says. Devices that boot from a vector table ignore it. */
export type HexStart =
  | { readonly kind: 'linear'; readonly address: number }
  | { readonly kind: 'segment'; readonly cs: number; readonly ip: number };

export function textOfStart(start: HexStart): string {
  return start.kind === 'linear' ? toHex(start.address, 8) : `${toHex(start.cs, 4)}:${toHex(start.ip, 4)}`;
}
