import { rmSync } from 'node:fs';
import type { TestProject } from 'vitest/node';
import { prepareGuest } from './machine/guest.ts';
import { packProduct } from './product.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The folder that holds the packed product. */
    productFolder: string;
  }
}

/** Once for all files: the image, the saved state of a guest, and the tarball. Returns what tidies up. */
export default async function setUp({ provide }: TestProject): Promise<() => void> {
  await prepareGuest();
  const folder = packProduct();
  provide('productFolder', folder);
  return () => rmSync(folder, { recursive: true, force: true });
}
