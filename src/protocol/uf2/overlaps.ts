import type { MapBuilder } from '../firmware/map-builder.ts';
import type { MemoryMap } from '../firmware/memory-map.ts';
import { toHex } from '../hex.ts';
import type { Uf2Findings } from './findings.ts';

/** The map of blocks by position; tells those that hold bytes for the same addresses. */
export function buildUf2Map(builder: MapBuilder, findings: Uf2Findings): MemoryMap {
  return builder.build(({ address, first, second, isSame }) => {
    const place = { block: second, field: 'address' } as const;
    const there = `${toHex(address, 8)} in block ${first}`;
    if (isSame) findings.add('repeated', place, 'each address once', `${there} and again`);
    else findings.add('overlap', place, `the same bytes as at ${there}`, 'other bytes');
  });
}
