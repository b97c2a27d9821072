import { messageOf } from '../../../protocol/errors.ts';
import type { Drive } from '../../../protocol/sight.ts';
import type { Environment } from '../../../volume/port.ts';
import { type Finding, good, note } from './finding.ts';

/** Whether what shows flash memory beside a drive could be opened. An update does without, but proves less then. */
async function checkOne({ flash }: Environment, drive: Drive): Promise<readonly Finding[]> {
  const opened = await flash?.open(drive, null);
  if (opened === undefined) return [];
  if (opened.kind === 'open') {
    await opened.flash.close();
    return [good('flash', `${drive.id}: an update can read the flash memory`)];
  }
  const { why, remedy } = opened;
  return why === null ? [] : [note('flash', `${drive.id}: an update cannot read the flash memory: ${why}`, remedy)];
}

/** Of each drive that is plugged in; that they cannot be listed is said elsewhere. */
export async function checkFlash(environment: Environment): Promise<readonly Finding[]> {
  const drives = await environment.volumes.list().catch(() => []);
  const found = drives.map((drive) =>
    checkOne(environment, drive).catch((thrown: unknown) => [note('flash', `${drive.id}: ${messageOf(thrown)}`)]),
  );
  return (await Promise.all(found)).flat();
}
