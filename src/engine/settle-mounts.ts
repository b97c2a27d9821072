import { SpacepackError } from '../protocol/errors.ts';
import { findSame } from '../protocol/identity.ts';
import type { RunContext } from './context.ts';
import { type Notice, notice } from './report.ts';

/** Removes the mounts that this run made, and nobody else's. */
export async function leaveAsFound({ environment, findings }: RunContext): Promise<void> {
  if (findings.ownMounts.length === 0) return;
  // If there is no listing, `release` finds out by itself what is gone.
  const present = await environment.volumes.list().catch(() => null);
  for (const own of findings.ownMounts) {
    const isGone = present?.every(
      ({ attachment, volumes }) =>
        attachment !== own.drive.attachment || volumes.every(({ mount }) => mount?.id !== own.mount.id),
    );
    if (isGone === true) continue;
    await environment.volumes.release(own).catch((thrown: unknown) => {
      if (!(thrown instanceof SpacepackError)) throw thrown;
    });
  }
}

/** Reports which mounts of others are gone: from fstab, by hand, or bind mounts, which nothing restores. */
export async function tellUnmounted(context: RunContext): Promise<Notice | null> {
  const { environment, family, findings, options } = context;
  if (findings.unmounted.size === 0) return null;
  const present = await environment.volumes.list().catch(() => null);
  if (present === null) return null;
  // It was to leave for good, and took its mounts with it.
  if (family.returns === 'never' && findSame(options.target.identity, present) === null) return null;
  const mounted = present.flatMap(({ volumes }) =>
    volumes.flatMap(({ mount }) => (mount === null ? [] : [mount.path])),
  );
  const gone = [...findings.unmounted].filter((path) => !mounted.includes(path));
  if (gone.length === 0) return null;
  return notice('left-unmounted', `No longer mounted: ${gone.join(', ')}. Mount it again if you need it there.`);
}
