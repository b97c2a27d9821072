import { find } from '../devices/find.ts';
import type { Family } from '../protocol/family.ts';
import { isText, oneOf, type Shape, withFields } from '../protocol/shapes.ts';
import type { Environment } from '../volume/port.ts';

/**
 * Whether the process that looked may read the volume of a device. `no-device`: no device was plugged in to try it
 * with.
 */
export interface ProbeFinding {
  readonly access: 'granted' | 'denied' | 'no-device' | 'unclear';
  /** One sentence for people; for `denied`, with what to click. */
  readonly message: string;
  readonly remedy: string;
}

/**
 * Checks whether this process may read the volumes of the plugged-in devices. Writes nothing. Rejects with
 * `listing-failed`.
 */
export async function probeAccess(
  environment: Pick<Environment, 'volumes'>,
  families: readonly Family[],
): Promise<ProbeFinding> {
  const sights = await find(environment, families);
  const denied = sights.find(({ problem }) => problem?.code === 'volume-permission')?.problem;
  if (denied) return { access: 'denied', message: denied.message, remedy: denied.remedy };
  const readable = sights.find(({ info }) => info !== null);
  if (readable) return { access: 'granted', message: `${readable.id} can be read.`, remedy: '' };
  const remedy = 'Plug the device in and run `spacepack agent probe`.';
  const problem = sights[0]?.problem;
  if (problem) return { access: 'unclear', message: `${sights[0]?.id}: ${problem.message}`, remedy: problem.remedy };
  return { access: 'no-device', message: 'No device is plugged in to try it with.', remedy };
}

/** Whether a value that another process left is a finding. */
export const isProbeFinding: Shape<ProbeFinding> = withFields<ProbeFinding>({
  access: oneOf('granted', 'denied', 'no-device', 'unclear'),
  message: isText,
  remedy: isText,
});
