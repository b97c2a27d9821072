import { join } from 'node:path';
import { readText, writeWhole } from '../computer/own-disk.ts';
import { FAULTS, type FaultCode } from '../protocol/faults.ts';
import type { DeviceResult } from './reports.ts';

/** How the last run of the login item went: what `agent status` shows of it. */
export interface LastRun {
  /** Wall time of its end, ISO 8601. */
  readonly at: string;
  readonly code: FaultCode;
  readonly message: string;
  readonly devices: readonly DeviceLine[];
}

export type DeviceLine = Pick<DeviceResult, 'device' | 'standing' | 'from' | 'to' | 'message'>;

const NAME = 'last-run.json';

/** Keeps it, in place of the one before. */
export async function saveLastRun(folder: string, run: LastRun): Promise<void> {
  await writeWhole(join(folder, NAME), `${JSON.stringify(run, null, 2)}\n`);
}

const isText = (value: unknown): boolean => typeof value === 'string';
const isTextOrNull = (value: unknown): boolean => value === null || isText(value);
const hasFields = (value: unknown, fields: Readonly<Record<string, (value: unknown) => boolean>>): boolean =>
  typeof value === 'object' &&
  value !== null &&
  Object.entries(fields).every(([key, holds]) => holds(Reflect.get(value, key)));

const isLine = (value: unknown): boolean =>
  hasFields(value, { device: isText, standing: isText, from: isTextOrNull, to: isTextOrNull, message: isText });

function isLastRun(value: unknown): value is LastRun {
  return hasFields(value, {
    at: isText,
    code: (code) => typeof code === 'string' && Object.hasOwn(FAULTS, code),
    message: isText,
    devices: (devices) => Array.isArray(devices) && devices.every(isLine),
  });
}

/** `null`: there was none, or it cannot be understood. */
export async function loadLastRun(folder: string): Promise<LastRun | null> {
  try {
    const value: unknown = JSON.parse(await readText(join(folder, NAME)));
    return isLastRun(value) ? value : null;
  } catch {
    return null;
  }
}
