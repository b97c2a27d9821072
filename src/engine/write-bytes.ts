import type { MountedVolume } from '../protocol/sight.ts';
import type { RunContext } from './context.ts';

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** Writes a file that is in memory, at the pace of the family. Rejects as `VolumePort.write` does. */
export async function writeBytes(
  { environment, family }: RunContext,
  volume: MountedVolume,
  path: string,
  bytes: Uint8Array,
  options: { readonly isOver?: boolean } = {},
): Promise<void> {
  const { syncBytes } = family.write;
  const { stallMs } = family.patience;
  await environment.volumes.write(volume, path, once(bytes), { syncBytes, stallMs, ...options });
}
