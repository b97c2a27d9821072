import type { Geometry } from './geometry.ts';
import type { Sectors } from './sectors.ts';
import { tableOf } from './table.ts';

/**
 * Whether either dirty mark is set: bit 0 of the state byte in the boot sector, which Linux keeps, or the cleared "clean" bit
 * in the second cell of the table, which Windows keeps as well. FAT12 has only the first.
 */
export function isDirty(sectors: Sectors, geometry: Geometry): boolean {
  const state = sectors.read(geometry.bootSector).readUInt8(geometry.bits === 32 ? 0x41 : 0x25);
  if ((state & 1) === 1) return true;
  const cell = tableOf(sectors, geometry).get(1);
  if (geometry.bits === 12) return false;
  return (cell & (geometry.bits === 32 ? 0x0800_0000 : 0x8000)) === 0;
}
