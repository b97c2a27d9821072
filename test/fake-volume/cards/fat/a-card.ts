import { formatCard } from './format.ts';
import { type Sectors, sectorsOf } from './sectors.ts';

export type Width = 12 | 16 | 32;

/** Small cards of each width, by the least count of clusters that makes them so. */
const SIZES: Readonly<Record<Width, { readonly sizeBytes: number; readonly clusterSectors: number }>> = {
  12: { sizeBytes: 8 * 1024 * 1024, clusterSectors: 8 },
  16: { sizeBytes: 16 * 1024 * 1024, clusterSectors: 4 },
  32: { sizeBytes: 40 * 1024 * 1024, clusterSectors: 1 },
};

/** An empty card, for tests. */
export function aCard(bits: Width = 32): { readonly image: Buffer; readonly sectors: Sectors } {
  const image = formatCard({ bits, label: 'Untitled 1', ...SIZES[bits] });
  return { image, sectors: sectorsOf(image) };
}
