import { buildPayload, type ImageOptions } from '../spacepack/image/build.ts';
import type { WorldOptions } from '../world-options.ts';

/** How a run must end: `verdict` and `code` as the host's documentation lists them. */
export interface Ending {
  readonly verdict: 'applied' | 'unchanged' | 'rejected' | 'failed' | 'indeterminate' | 'refused';
  readonly code: string;
}

/** What happens to a device, and how a host must judge it. Hand it to `createMemoryWorld`, or to `createFolderWorld` with a root. */
export interface Scenario extends WorldOptions {
  /** Lower case, words with hyphens. */
  readonly name: string;
  /** What happens to the device, one sentence. */
  readonly title: string;
  /** What the host is to do. Default `install`. */
  readonly action?: 'install' | 'ping';
  /** The image to install. Default: version 2.0.0 for the SpacePack, signed with the test key. */
  readonly image?: ImageOptions;
  readonly allowDowngrade?: boolean;
  /** The serial that the host is told to choose. Default: none. */
  readonly device?: string;
  readonly expected: Ending;
  /** How a second run must end, on the same device, plugged in and at rest. Default: not said. */
  readonly again?: Ending;
}

/** The payload of a scenario: image and suffix. */
export function payloadOf({ image }: Scenario): Uint8Array {
  return buildPayload(image);
}

/** Whether a world of folders can play it: nothing in it needs a hand in the host's own work. */
export function playsInFolders(scenario: Scenario): boolean {
  const { onOperation, failures, manners, listMs, failingLists, lateEntries, devices = [] } = scenario;
  const isPlain = [onOperation, failures, manners, listMs, failingLists, lateEntries].every(
    (option) => option === undefined,
  );
  return isPlain && devices.every(({ heldBy }) => heldBy === undefined);
}
