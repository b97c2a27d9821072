import type { Family } from './family.ts';
import { spacepack } from './spacepack/family.ts';
import { uf2 } from './uf2/family.ts';

/** The device families that spacepack knows. Only entry points import this; everything else is given its families. */
export const FAMILIES: readonly Family[] = [spacepack, uf2];
