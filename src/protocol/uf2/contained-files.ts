import { createMapBuilder, type MapBuilder } from '../firmware/map-builder.ts';
import { type MemoryMap, sizeOfMap } from '../firmware/memory-map.ts';
import type { Uf2Block } from './block.ts';
import type { Uf2Findings } from './findings.ts';
import { createNumbering } from './numbering.ts';
import { buildUf2Map } from './overlaps.ts';

/** A file within a UF2 file, for a device that keeps files. */
export interface Uf2ContainedFile {
  /** Not cleaned, and no path of this computer. */
  readonly name: string;
  readonly sizeBytes: number;
  /** By offset in the file. */
  readonly map: MemoryMap;
}

/** Puts the blocks of contained files together; they are numbered over all files. */
export interface ContainedFiles {
  take(block: Uf2Block, position: number): void;
  finish(): readonly Uf2ContainedFile[];
}

export function createContainedFiles(findings: Uf2Findings): ContainedFiles {
  const files = new Map<string, { readonly sizeBytes: number; readonly first: number; readonly builder: MapBuilder }>();
  const numbering = createNumbering(findings);
  return {
    take(block, position) {
      const [name, sizeBytes] = [block.fileName ?? '', block.fileSize ?? 0];
      const file = files.get(name) ?? { sizeBytes, first: position, builder: createMapBuilder() };
      files.set(name, file);
      numbering.take(block, position);
      if (sizeBytes !== file.sizeBytes) {
        const expected = `${file.sizeBytes} bytes, as in block ${file.first}`;
        findings.add('file-size', { block: position, field: 'file size' }, expected, `${sizeBytes}`);
      }
      file.builder.add(block.address, block.payload, position);
    },
    finish() {
      numbering.finish();
      return Array.from(files, ([name, { sizeBytes, first, builder }]) => {
        const map = buildUf2Map(builder, findings);
        const found = sizeOfMap(map);
        if (found < sizeBytes) {
          const place = { block: first, field: 'file' } as const;
          findings.add('file-hole', place, `all ${sizeBytes} bytes of the file ${name}`, `${found}`);
        }
        return { name, sizeBytes, map };
      });
    },
  };
}
