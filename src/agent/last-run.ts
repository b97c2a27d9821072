import { join } from 'node:path';
import { readOwnIfThere, writeWhole } from '../computer/own-disk.ts';
import { type FaultCode, isFaultCode } from '../protocol/faults.ts';
import { isText, listOf, orNull, parseJson, such, withFields } from '../protocol/shapes.ts';
import type { DeviceResult } from './reports.ts';

/** How the login item's last run went, for `agent status`. */
export interface LastRun {
  /** Wall time of its end, ISO 8601. */
  readonly at: string;
  readonly code: FaultCode;
  readonly message: string;
  readonly devices: readonly DeviceLine[];
}

/** `standing` may be one that only a later version knows. */
export type DeviceLine = Pick<DeviceResult, 'device' | 'from' | 'to' | 'message'> & { readonly standing: string };

const NAME = 'last-run.json';

/** Saves it, replacing the one before. */
export async function saveLastRun(folder: string, run: LastRun): Promise<void> {
  await writeWhole(join(folder, NAME), `${JSON.stringify(run, null, 2)}\n`);
}

const isLastRun = withFields<LastRun>({
  at: isText,
  code: such(isText, isFaultCode),
  message: isText,
  devices: listOf(
    withFields<DeviceLine>({
      device: isText,
      standing: isText,
      from: orNull(isText),
      to: orNull(isText),
      message: isText,
    }),
  ),
});

/** `null`: there was none, or it cannot be understood. Rejects if it cannot be read, or others could write it. */
export async function loadLastRun(folder: string): Promise<LastRun | null> {
  const bytes = await readOwnIfThere(join(folder, NAME));
  return bytes && parseJson(bytes.toString('utf8'), isLastRun);
}
