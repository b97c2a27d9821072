import type { Family } from './family.ts';
import { spacepack } from './spacepack/family.ts';

/** The device families that spacepack knows. Handed in where they are needed, and imported by the entries alone. */
export const FAMILIES: readonly Family[] = [spacepack];
