import type { Geometry } from './geometry.ts';
import type { Sectors } from './sectors.ts';
import { tableOf } from './table.ts';

/** Counted from the table itself (protocol §9.5). */
export function countFree(sectors: Sectors, geometry: Geometry): number {
  return tableOf(sectors, geometry)
    .cells()
    .subarray(2)
    .reduce((free, cell) => (cell === 0 ? free + 1 : free), 0);
}

/** The first so many free clusters; `null` if there are fewer. */
export function findFree(sectors: Sectors, geometry: Geometry, count: number): readonly number[] | null {
  const found: number[] = [];
  const cells = tableOf(sectors, geometry).cells();
  for (let cluster = 2; found.length < count && cluster < cells.length; cluster += 1) {
    if (cells[cluster] === 0) found.push(cluster);
  }
  return found.length === count ? found : null;
}

/**
 * Brings FSInfo up to date with what was counted, after a change on a clean volume: the device never believes the sector,
 * but hosts do, and a count that is never corrected would lose them the space of every payload.
 */
export function noteFree(sectors: Sectors, geometry: Geometry): void {
  if (geometry.infoSector === null) return;
  const info = Buffer.from(sectors.read(geometry.infoSector));
  if (info.readUInt32LE(0) !== 0x41615252 || info.readUInt32LE(484) !== 0x61417272) return;
  info.writeUInt32LE(countFree(sectors, geometry), 488);
  sectors.write(geometry.infoSector, info);
}
