import type { Family } from '../protocol/family.ts';
import type { Environment } from '../volume/port.ts';
import { type DeviceSight, find } from './find.ts';

export type Arrival =
  | { readonly type: 'arrived'; readonly device: DeviceSight }
  /** The same device as before, but mounted, unmounted, or readable now. */
  | { readonly type: 'changed'; readonly device: DeviceSight }
  | { readonly type: 'left'; readonly id: string };

/** How often to look when nothing wakes us, in ms. */
const SLOW_LOOK_MS = 2_000;

const appearance = ({ volume, info, problem }: DeviceSight): string =>
  JSON.stringify([volume?.mount.id, info?.bootCount, problem?.code]);

/** Reports devices that come and go, those present first, until the signal aborts. A failed listing changes nothing. */
export async function* watch(
  environment: Environment,
  families: readonly Family[],
  options: { readonly signal?: AbortSignal } = {},
): AsyncGenerator<Arrival, void> {
  let known = new Map<string, DeviceSight>();
  while (!options.signal?.aborted) {
    const before = environment.volumes.changeCount();
    const sights = await find(environment, families).catch(() => null);
    if (sights !== null) {
      const present = new Map(sights.map((sight) => [sight.drive.attachment, sight]));
      for (const [attachment, { id }] of known) if (!present.has(attachment)) yield { type: 'left', id };
      for (const [attachment, device] of present) {
        const before = known.get(attachment);
        if (before === undefined) yield { type: 'arrived', device };
        else if (appearance(before) !== appearance(device)) yield { type: 'changed', device };
      }
      known = present;
    }
    await environment.volumes.changed(before, SLOW_LOOK_MS, options.signal);
  }
}
