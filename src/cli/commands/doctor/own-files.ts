import { readdir, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AgentComputer } from '../../../agent/agent-computer.ts';
import { errnoOf } from '../../../computer/errno.ts';
import { describeLocks } from '../../../computer/locks.ts';
import { makeOwnFolder, onOwnDisk, readOwnIfThere, requireOwnFolder } from '../../../computer/own-disk.ts';
import { parseRecord } from '../../../computer/records.ts';
import { messageOf, toSpacepackError } from '../../../protocol/errors.ts';
import type { Family } from '../../../protocol/family.ts';
import { isRecordOf } from '../../../protocol/match.ts';
import { openJournal } from '../../history/journal.ts';
import { makerKeys } from '../../image/maker-keys.ts';
import type { Io } from '../../io/io.ts';
import { loadSettings } from '../../settings/settings.ts';
import { broken, type Finding, good, note } from './finding.ts';

/** Whether records can be kept: nothing may be committed without one (protocol §10.1). */
export async function checkStateFolder(folder: string): Promise<Finding> {
  const probe = join(folder, `.doctor-${process.pid}`);
  try {
    await makeOwnFolder(folder);
    await onOwnDisk(folder, async () => {
      await writeFile(probe, '', { flag: 'wx' });
      await unlink(probe);
    });
    return good('state', `${folder} can be written to`);
  } catch (thrown) {
    const remedy = 'Fix the permissions there, or choose another folder with SPACEPACK_STATE_DIR.';
    return broken('state', `${folder} cannot be written to: ${messageOf(thrown)}`, remedy);
  }
}

function unknownRecords(thrown: unknown): Finding {
  const remedy = 'Fix the permissions there: no update can begin until then.';
  return broken('records', `Cannot find out whether an update is open: ${messageOf(thrown)}`, remedy);
}

/** Updates of which it is not known yet how they ended. */
export async function checkRecords(folder: string, families: readonly Family[]): Promise<readonly Finding[]> {
  const records = join(folder, 'records');
  try {
    await requireOwnFolder(records);
    const names = await onOwnDisk(records, () => readdir(records));
    const findings = names.map((name) =>
      checkRecord(records, name, families).catch((thrown) => [unknownRecords(thrown)]),
    );
    const open = (await Promise.all(findings)).flat();
    return open.length > 0 ? open : [good('records', 'No update is open.')];
  } catch (thrown) {
    return [errnoOf(thrown) === 'ENOENT' ? good('records', 'No update is open.') : unknownRecords(thrown)];
  }
}

async function checkRecord(records: string, name: string, families: readonly Family[]): Promise<readonly Finding[]> {
  if (name.endsWith('.unreadable')) {
    return [note('records', `${name} was set aside: it could not be understood`, 'Remove it if all is well.')];
  }
  if (!name.endsWith('.json')) return [];
  const bytes = await readOwnIfThere(join(records, name));
  // Closed by another run since.
  if (bytes === null) return [];
  const record = parseRecord(bytes.toString('utf8'));
  if (record === null) return [note('records', `${name} cannot be understood`, 'The next update sets it aside.')];
  const { action, serial, committedAt, toVersion } = record;
  const what = action === 'ping' ? 'a ping' : `the update to ${toVersion ?? 'an unknown version'}`;
  const remedy = families.some((family) => isRecordOf(family, record))
    ? 'Plug the device in and repeat the command: it first finds out how this ended.'
    : `This version of spacepack cannot find that out. Remove ${name} if all is well.`;
  return [note('records', `${serial}: it is not known yet how ${what} of ${committedAt} ended`, remedy)];
}

/** Whether the history can be read. Without it the login item does nothing; an update by hand goes on. */
export async function checkHistory(machine: AgentComputer): Promise<readonly Finding[]> {
  try {
    await openJournal(machine).entries();
    return [];
  } catch (thrown) {
    const { message, remedy } = toSpacepackError(thrown);
    return [note('history', `The history cannot be read: ${message}`, remedy)];
  }
}

/** Runs of any user that hold a device now. */
export async function checkLocks(
  describe: () => Promise<readonly string[]> = describeLocks,
): Promise<readonly Finding[]> {
  try {
    const held = (await describe()).map((sentence) => note('locks', sentence, 'Wait until it has ended.'));
    return held.length > 0 ? held : [good('locks', 'No run holds a device.')];
  } catch (thrown) {
    return [
      note('locks', `Cannot find out whether a run holds a device: ${messageOf(thrown)}`, 'A run finds out by itself.'),
    ];
  }
}

/** Whether the settings, and the keys that they name, can be used. */
export async function checkSettings(io: Pick<Io, 'families' | 'variables'>): Promise<Finding> {
  try {
    const settings = await loadSettings(io);
    await makerKeys([], settings, io.families);
    return good(
      'settings',
      settings.exists ? `${settings.path} is valid` : `no settings; they would be in ${settings.path}`,
    );
  } catch (thrown) {
    const { message, remedy } = toSpacepackError(thrown);
    return broken('settings', message, remedy);
  }
}
