import { closeSoon } from '../computer/within.ts';
import { SpacepackError } from '../protocol/errors.ts';
import type { MountedVolume } from '../protocol/sight.ts';
import { openRoot } from './folder.ts';
import { gateOf } from './gates.ts';
import { BRIEF, explained, type Hands } from './verb.ts';

/**
 * `VolumePort.hold`: a lock on the volume's root folder, which is kept open, if the platform can lock folders. Without
 * it, the device's own lock (`LockStore`) is the only one. Rejects with `device-locked`, and as every verb.
 */
export async function holdVolume(hands: Hands, volume: MountedVolume): Promise<() => Promise<void>> {
  const { platform, clock } = hands;
  const { lockFolder } = platform;
  const doing = `holding ${volume.volume.id}`;
  if (lockFolder === undefined) return async () => undefined;
  const gate = gateOf(hands, volume.drive);
  const call = <T>(work: () => Promise<T>, late?: (result: T) => unknown): Promise<T> =>
    gate.pass(doing, BRIEF.callMs, work, late);
  try {
    const root = await call(
      () => openRoot(volume.mount.path),
      (late) => late.close(),
    );
    const giveBack = (): Promise<void> => closeSoon(clock, root);
    try {
      if (!(await call(() => platform.holds(volume, root.handle)))) {
        throw new SpacepackError(
          'volume-gone',
          `${doing}: expected it mounted as before, found another mount or none.`,
        );
      }
      if (root.handle !== null && !(await lockFolder(root.handle))) {
        const message = `another run, perhaps in a container, has held the volume ${volume.volume.id}`;
        throw new SpacepackError('device-locked', message);
      }
      return giveBack;
    } catch (thrown) {
      await giveBack();
      throw thrown;
    }
  } catch (thrown) {
    throw await explained(hands, volume, thrown, doing);
  }
}
