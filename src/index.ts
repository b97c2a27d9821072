/** The library: find devices, update them, and know how it ended. */
export { type Choice, choose } from './choose.ts';
export type { Target } from './engine/context.ts';
export type { NoticeCode, Outcome, Report } from './engine/report.ts';
export { type DeviceSight, find } from './find.ts';
export type { CheckOptions } from './image/check.ts';
export { openImage } from './open-image.ts';
export { SpacepackError } from './protocol/errors.ts';
export { FAULTS, type Fault, type FaultCode, type OldFirmware, type Verdict } from './protocol/faults.ts';
export type { ImageFacts } from './protocol/fit.ts';
export type { CheckedImage } from './protocol/image.ts';
export type { Info } from './protocol/info.ts';
export type { Phase } from './protocol/machine.ts';
export type { DeviceProfile } from './protocol/profile.ts';
export { PROFILES } from './protocol/profiles/index.ts';
export { ping, type RunLimits, type SideBySide, sideBySide, type UpdateImage, update } from './update.ts';
export { createEnvironment } from './volume/environment.ts';
export type { Environment, VolumePort } from './volume/port.ts';
export { type Arrival, watch } from './watch.ts';
