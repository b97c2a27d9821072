import type { Uf2Block } from './block.ts';

/** Blocks whose numbers begin a sector together (pico-bootrom-rp2040, bootrom/virtual_disk.c). */
const GROUP = 16;
const SECTOR_BYTES = 4096;

/** Whether numbers and addresses run in step, for a chip that erases a sector by the numbers of the blocks. */
export interface SectorSteps {
  take(block: Pick<Uf2Block, 'number' | 'address'>): void;
  isKept(): boolean;
}

export function createSectorSteps(): SectorSteps {
  const sectors = new Map<number, number>();
  const groups = new Map<number, number>();
  let [lastGroup, lastSector, isKept] = [-1, -1, true];
  return {
    take({ number, address }) {
      const group = Math.floor(number / GROUP);
      const sector = Math.floor(address / SECTOR_BYTES);
      if (group === lastGroup && sector === lastSector) return;
      [lastGroup, lastSector] = [group, sector];
      isKept &&= (sectors.get(group) ?? sector) === sector && (groups.get(sector) ?? group) === group;
      sectors.set(group, sector);
      groups.set(sector, group);
    },
    isKept: () => isKept,
  };
}
