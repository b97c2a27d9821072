import { type Clock, systemClock } from '../../computer/clock.ts';
import { within } from '../../computer/within.ts';
import { messageOf, SpacepackError } from '../../protocol/errors.ts';
import type { Drive } from '../../protocol/sight.ts';
import {
  EXIT_XIP,
  PICOBOOT,
  type PicobootCommand,
  parseTarget,
  type Rp2Chip,
  readFlashCommand,
  restartCommand,
  rp2ChipOf,
  targetCommand,
} from '../../protocol/uf2/picoboot.ts';
import type { Flash, FlashOpened, FlashWitness } from '../flash.ts';
import { loadUsbLibrary, type UsbLibrary, type UsbLibraryDevice } from './library.ts';
import { createPicobootLink, type PicobootLink, picobootEndpoints } from './picoboot-link.ts';
import { isAtPort } from './place.ts';

/** What it needs from the machine. */
export interface UsbWorld {
  readonly platform: NodeJS.Platform;
  readonly clock: Clock;
  load(): Promise<UsbLibrary>;
}

const thisUsb: UsbWorld = { platform: process.platform, clock: systemClock, load: () => loadUsbLibrary() };

/** For listing, opening or closing a device, in ms. */
const OPEN_MS = 10_000;
/** From the command to restart until the board leaves, in ms: time to unmount its drive. */
const RESTART_MS = 1_000;

const none = (why: string | null, remedy = ''): FlashOpened => ({ kind: 'none', why, remedy });

const RULE = 'SUBSYSTEM=="usb", ATTR{idVendor}=="2e8a", ATTR{idProduct}=="0003|000f", TAG+="uaccess"';

/** What helps where the system refuses. */
export function accessRemedy(platform: NodeJS.Platform): string {
  if (platform !== 'linux') return 'Close other programs that use the board, such as picotool.';
  return `Put this line into /etc/udev/rules.d/60-rp2-boot.rules, and plug the board in again: ${RULE}`;
}

function refused(platform: NodeJS.Platform, thrown: unknown): FlashOpened {
  const message = messageOf(thrown);
  const isDenied = /errno 13\b|EACCES|denied|not permitted|errno 1\b/i.test(message);
  const why = isDenied ? 'the system does not let this program open the USB device' : `it cannot be opened: ${message}`;
  return none(why, isDenied || platform !== 'linux' ? accessRemedy(platform) : '');
}

/** The one device of the library that is the drive's; never another that looks the same. */
function deviceOf(
  { usb }: Drive,
  devices: readonly UsbLibraryDevice[],
  platform: NodeJS.Platform,
): UsbLibraryDevice | FlashOpened {
  const alike = devices.filter(({ vendorId, productId }) => vendorId === usb?.vendorId && productId === usb?.productId);
  const found = alike.filter((device) => isAtPort(platform, usb?.port ?? null, device) === true);
  const [device] = found;
  if (device !== undefined && found.length === 1) return device;
  return none('which USB device belongs to the drive is not known on this computer');
}

function createFlash(link: PicobootLink, chip: Rp2Chip, space: number | null, close: () => Promise<void>): Flash {
  return {
    async read(address, lengthBytes) {
      const { pageBytes, readMostBytes } = PICOBOOT;
      const start = address - (address % pageBytes);
      const end = Math.ceil((address + lengthBytes) / pageBytes) * pageBytes;
      const bytes = new Uint8Array(end - start);
      for (let at = start; at < end; at += readMostBytes) {
        const command = readFlashCommand(at, Math.min(readMostBytes, end - at));
        bytes.set(await sendTwice(link, command), at - start);
      }
      return bytes.subarray(address - start, address - start + lengthBytes);
    },
    async reboot() {
      await link.send(restartCommand(chip, space ?? 0, RESTART_MS));
    },
    close,
  };
}

async function closeDevice(device: UsbLibraryDevice, clock: Clock): Promise<void> {
  await within(clock, OPEN_MS, 'closing a USB device', device.close()).catch(() => undefined);
}

/** Again, if the first attempt met what another program had left half-done, which the fault made the board forget. */
async function sendTwice(link: PicobootLink, command: PicobootCommand): Promise<Uint8Array> {
  try {
    return await link.send(command);
  } catch (thrown) {
    if (!(thrown instanceof SpacepackError)) throw thrown;
    return link.send(command);
  }
}

/** Why blocks of this family cannot be followed into the flash memory; `null`: they can. */
async function makeReadable(link: PicobootLink, chip: Rp2Chip, space: number): Promise<string | null> {
  await sendTwice(link, EXIT_XIP);
  if (chip === 'RP2040') return null;
  const target = parseTarget(await link.send(targetCommand(space)));
  if (target === 'as-addressed') return null;
  if (target === 'partition') return 'the board puts this firmware into a partition';
  return target === 'nowhere' ? 'the board has no place for this firmware' : 'where it puts this firmware is not known';
}

async function openDevice(
  device: UsbLibraryDevice,
  chip: Rp2Chip,
  space: number | null,
  world: UsbWorld,
): Promise<FlashOpened> {
  const { clock, platform } = world;
  try {
    await within(clock, OPEN_MS, 'opening a USB device', device.open());
  } catch (thrown) {
    return refused(platform, thrown);
  }
  let isKept = false;
  try {
    const ends = picobootEndpoints(device.configuration?.interfaces ?? []);
    if (ends === null) return none('the board does not show its PICOBOOT interface');
    try {
      await within(clock, OPEN_MS, 'claiming a USB interface', device.claimInterface(ends.interfaceNumber));
    } catch (thrown) {
      return refused(platform, thrown);
    }
    const link = createPicobootLink(device, ends, clock);
    const obstacle = space === null ? null : await makeReadable(link, chip, space);
    if (obstacle !== null) return none(obstacle);
    isKept = true;
    return { kind: 'open', flash: createFlash(link, chip, space, () => closeDevice(device, clock)) };
  } finally {
    if (!isKept) await closeDevice(device, clock);
  }
}

/**
 * The flash memory of an RP2040 or RP2350 that runs its boot ROM, through its PICOBOOT interface. `space`: the UF2 family
 * of the image.
 */
export function createFlashWitness(world: UsbWorld = thisUsb): FlashWitness {
  return {
    async open(drive, space) {
      const chip = drive.usb === null ? null : rp2ChipOf(drive.usb);
      if (chip === null) return none(null);
      let library: UsbLibrary;
      try {
        library = await world.load();
      } catch (thrown) {
        return none(
          `the package usb cannot be used: ${messageOf(thrown)}`,
          'Install spacepack with its optional packages.',
        );
      }
      let devices: readonly UsbLibraryDevice[];
      try {
        devices = await within(world.clock, OPEN_MS, 'listing USB devices', library.getDevices());
      } catch (thrown) {
        return refused(world.platform, thrown);
      }
      const device = deviceOf(drive, devices, world.platform);
      return 'kind' in device ? device : openDevice(device, chip, space, world);
    },
  };
}
