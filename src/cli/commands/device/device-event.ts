import type { DeviceSight } from '../../../devices/find.ts';
import { runningVersion } from '../../../protocol/device-info.ts';
import { toHex } from '../../../protocol/hex.ts';
import type { CliEvent, DeviceFacts, Problem } from '../../talk/events.ts';

function usbFacts({ drive: { usb } }: DeviceSight): DeviceFacts['usb'] {
  if (usb === null) return null;
  const { vendorId, productId, bcdDevice, serial, port, revision } = usb;
  return {
    vendorId: toHex(vendorId, 4),
    productId: toHex(productId, 4),
    bcdDevice: bcdDevice === null ? null : toHex(bcdDevice, 4),
    serial,
    port,
    revision,
  };
}

function volumeFacts({ volume }: DeviceSight): DeviceFacts['volume'] {
  if (volume === null) return null;
  const { id, label, fileSystem } = volume.volume;
  const { path, readOnly } = volume.mount;
  return { id, path, label, fileSystem, readOnly: readOnly || volume.drive.writeProtected };
}

function infoFacts({ info }: DeviceSight): DeviceFacts['info'] {
  if (info === null) return null;
  const { protocol, serial, mode, image, bootCount, model, hardware } = info;
  const { maxPayloadBytes, securityFloor, batteryPercent, batteryMinPercent } = info;
  return {
    protocol,
    serial,
    mode,
    image,
    bootCount,
    model,
    hardware: hardware === null ? null : toHex(hardware, 4),
    version: runningVersion(info),
    maxPayloadBytes,
    securityFloor,
    batteryPercent,
    batteryMinPercent,
  };
}

function problemFacts({ problem }: DeviceSight): Problem | null {
  if (problem === null) return null;
  const { code, message, remedy, fault } = problem;
  return { code, message: `${fault.meaning} ${message}`, remedy };
}

/** What one look at a device showed, as an event. */
export function deviceEvent(sight: DeviceSight): CliEvent & DeviceFacts {
  return {
    event: 'device',
    device: sight.id,
    profile: sight.family.id,
    media: sight.drive.mediaName,
    drive: sight.drive.id,
    sizeBytes: sight.drive.sizeBytes,
    usb: usbFacts(sight),
    volume: volumeFacts(sight),
    info: infoFacts(sight),
    problem: problemFacts(sight),
  };
}
