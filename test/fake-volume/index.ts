/**
 * A SpacePack in software: the device side of docs/protocol.md, for testing hosts without hardware, and for comparing one's
 * own firmware with. See README.md beside this file.
 */

export { type BenchDevice, type BenchOptions, createBenchDevice } from './bench-device.ts';
export { type Card, type Found, RESERVED, RESERVED_FOLDER, type ReservedName } from './cards/card.ts';
export { type CardContent, changedFiles } from './cards/content.ts';
export type { CardOptions } from './cards/facts.ts';
export type { UsbDevice } from './device.ts';
export { createFolderWorld, type FolderWorld, type FolderWorldOptions } from './folders/world.ts';
export type { MemoryDevice } from './memory/device.ts';
export type { HostManners } from './memory/host.ts';
export type { OnOperation, Operation, OperationFailure, Verb } from './memory/operations.ts';
export { createMemoryWorld, type MemoryProcess, type MemoryWorld } from './memory/world.ts';
export { scenarioOf, scenarios } from './scenarios/index.ts';
export { unpluggedAt } from './scenarios/mishaps.ts';
export { type Ending, payloadOf, playsInFolders, type Scenario } from './scenarios/scenario.ts';
export type { Answer, FailureCode, RejectionCode } from './spacepack/answer.ts';
export type { SimulatedDevice, SpacepackOptions } from './spacepack/device.ts';
export { createFirmware, type Firmware, type FirmwareOptions, type LogEntry } from './spacepack/firmware.ts';
export {
  addSuffix,
  buildImage,
  buildPayload,
  type ImageOptions,
  type KeyPair,
  testKeyPair,
} from './spacepack/image/build.ts';
export { factoryMemory, type NonVolatileMemory } from './spacepack/nonvolatile.ts';
export { DEFAULT_SETTINGS, type DeviceSettings, type Durations } from './spacepack/settings.ts';
export { buildInstallTrigger, buildPingTrigger, type TriggerOptions } from './spacepack/trigger-build.ts';
export type { Trouble, Victim } from './spacepack/trouble.ts';
export type { DeviceVersion } from './spacepack/values.ts';
export type { Outcome, Step, TroubleAt } from './spacepack/work.ts';
export type { DeviceOptions, WorldOptions } from './world-options.ts';
