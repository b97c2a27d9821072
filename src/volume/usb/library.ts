import { memberOf } from '../../protocol/shapes.ts';
import type { UsbPlace } from './place.ts';

/** What we use of WebUSB, as the package `usb` has it. Lengths and limits: bytes and ms. */
export interface UsbTransfer {
  readonly data?: DataView | undefined;
  readonly status: string;
}

export interface UsbSetup {
  readonly requestType: 'vendor';
  readonly recipient: 'interface';
  readonly request: number;
  readonly value: number;
  readonly index: number;
}

export interface UsbEndpointFacts {
  readonly endpointNumber: number;
  readonly direction: string;
  readonly type: string;
}

export interface UsbInterfaceFacts {
  readonly interfaceNumber: number;
  readonly alternate: { readonly interfaceClass: number; readonly endpoints: readonly UsbEndpointFacts[] };
}

export interface UsbLibraryDevice extends UsbPlace {
  readonly vendorId: number;
  readonly productId: number;
  readonly configuration?: { readonly interfaces: readonly UsbInterfaceFacts[] } | undefined;
  open(): Promise<void>;
  close(): Promise<void>;
  /** Takes none from a driver of the system: it rejects if one has it. */
  claimInterface(number: number): Promise<void>;
  clearHalt(direction: 'in' | 'out', endpoint: number): Promise<void>;
  controlTransferIn(setup: UsbSetup, lengthBytes: number, limitMs: number): Promise<UsbTransfer>;
  controlTransferOut(setup: UsbSetup, data: Uint8Array, limitMs: number): Promise<UsbTransfer>;
  transferIn(endpoint: number, lengthBytes: number, limitMs: number): Promise<UsbTransfer>;
  transferOut(endpoint: number, data: Uint8Array, limitMs: number): Promise<UsbTransfer>;
}

export interface UsbLibrary {
  getDevices(): Promise<readonly UsbLibraryDevice[]>;
}

// Named by a variable, so that this compiles without the optional dependency.
const NAME = 'usb';

/** Rejects if it is not installed, or has no native part for this computer. */
export async function loadUsbLibrary(load: () => Promise<unknown> = () => import(NAME)): Promise<UsbLibrary> {
  const loaded = await load();
  const found = memberOf(loaded, 'usb') ?? memberOf(memberOf(loaded, 'default'), 'usb');
  if (typeof memberOf(found, 'getDevices') !== 'function') {
    throw new TypeError('expected the package usb to have a function getDevices');
  }
  return found as UsbLibrary;
}
