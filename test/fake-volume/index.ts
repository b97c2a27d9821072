/**
 * A SpacePack in software: the device side of docs/protocol.md, for testing hosts without hardware, and for comparing one's
 * own firmware with. See README.md beside this file.
 */
export type { Answer, FailureCode, RejectionCode } from './answer.ts';
export { type BenchDevice, type BenchOptions, createBenchDevice } from './bench-device.ts';
export { type Card, type Found, RESERVED, RESERVED_FOLDER, type ReservedName } from './card.ts';
export { type CardContent, changedFiles } from './card-content.ts';
export type { SimulatedDevice } from './device.ts';
export { createFirmware, type Firmware, type FirmwareOptions, type LogEntry } from './firmware.ts';
export { createFolderWorld, type FolderWorld, type FolderWorldOptions } from './folders.ts';
export { addSuffix, buildImage, buildPayload, type ImageOptions, type KeyPair, testKeyPair } from './image-build.ts';
export { createMemoryWorld, type MemoryProcess, type MemoryWorld } from './memory.ts';
export type { MemoryDevice } from './memory-device.ts';
export type { HostManners } from './memory-host.ts';
export { factoryMemory, type NonVolatileMemory } from './nonvolatile.ts';
export type { OnOperation, Operation, OperationFailure, Verb } from './operations.ts';
export { type Ending, payloadOf, playsInFolders, type Scenario } from './scenario.ts';
export { scenarioOf, scenarios } from './scenarios/index.ts';
export { unpluggedAt } from './scenarios/mishaps.ts';
export { DEFAULT_SETTINGS, type DeviceSettings, type Durations } from './settings.ts';
export { buildInstallTrigger, buildPingTrigger, type TriggerOptions } from './trigger-build.ts';
export type { Trouble, Victim } from './trouble.ts';
export type { DeviceVersion } from './values.ts';
export type { Outcome, Step, TroubleAt } from './work.ts';
export type { CardOptions, DeviceOptions, WorldOptions } from './world-options.ts';
