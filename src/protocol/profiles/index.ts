import type { DeviceProfile } from '../profile.ts';
import { spacepack } from './spacepack.ts';

/** The device families that spacepack knows. */
export const PROFILES: readonly DeviceProfile[] = [spacepack];
