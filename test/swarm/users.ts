import type { MemoryWorld } from '../fake-volume/index.ts';

/** The people at the computer: what they have on their cards, and what they save there. */
export interface Users {
  save(device: number, partition: number, name: string): void;
  /** What is not as they left it, but for what they lost by pulling a cable. */
  changed(): readonly string[];
}

type Files = Map<string, Uint8Array>;

/** `hasStrangers`: whether a device may have left for a trigger that no run of ours has written. */
export function createUsers(world: MemoryWorld, hasStrangers: (device: number) => boolean): Users {
  const expected = new Map<string, Files>();
  const filesOf = (device: number, partition: number): Files => {
    const found: Files = new Map();
    if (partition === 0) for (const [path, bytes] of world.devices[device]?.userFiles() ?? []) found.set(path, bytes);
    for (const [path, node] of world.devices[device]?.partitions[partition - 1]?.nodes ?? []) {
      if (node.kind === 'file') found.set(path, node.bytes);
    }
    return found;
  };
  const volumes = world.devices.flatMap(({ partitions }, device) =>
    [0, ...partitions.keys()].map((_, partition) => ({ device, partition, key: `${device}/${partition}` })),
  );
  for (const { device, partition, key } of volumes) expected.set(key, filesOf(device, partition));
  let saves = 0;
  return {
    save(device, partition, name) {
      saves += 1;
      const bytes = Buffer.from(`saved ${saves}\n`);
      const isSaved = world.devices[device]?.heldBy === null && world.devices[device].save(partition, name, bytes);
      if (isSaved) expected.get(`${device}/${partition}`)?.set(name, bytes);
    },
    changed() {
      const lost = world.lost.filter(({ path }) => !path.startsWith('SPACEPAK/'));
      const isOurs = ({ byTheDevice, device }: (typeof lost)[number]) => byTheDevice && !hasStrangers(device);
      const pulled = new Set(
        lost.filter((file) => !isOurs(file)).map(({ device, slot, path }) => `${device}/${slot}/${path}`),
      );
      const changes = lost
        .filter(isOurs)
        .map(
          ({ device, slot, path }) =>
            `${path} on partition ${slot + 1} of device ${device + 1} was not on the card when it left`,
        );
      for (const { device, partition, key } of volumes) {
        const now = filesOf(device, partition);
        for (const [path, bytes] of expected.get(key) ?? []) {
          const found = now.get(path);
          const isKept = found !== undefined && Buffer.compare(found, bytes) === 0;
          if (!isKept && !pulled.has(`${key}/${path}`))
            changes.push(`${path} on partition ${partition + 1} of device ${device + 1}`);
        }
      }
      return changes;
    },
  };
}
