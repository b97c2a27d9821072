/** What a probe makes of the bytes of a file, as in DAPLink's file_stream.c and error.c at ca1bfb28. */
export type Trouble = readonly [text: string, types: string];

type TroubleName =
  | 'transfer'
  | 'timeout'
  | 'order'
  | 'reset'
  | 'write'
  | 'checksum'
  | 'parser'
  | 'interface'
  | 'internal'
  | 'user';

export const TROUBLE: Readonly<Record<TroubleName, Trouble>> = {
  transfer: ['An error occurred during the transfer', 'transient'],
  timeout: ['The transfer timed out.', 'transient, user'],
  order: ['File sent out of order by PC. Target might not be programmed correctly.', 'transient'],
  reset: ['Failed to reset/halt the target MCU', 'target'],
  write: ['Flash algorithm write command FAILURE', 'target'],
  checksum: ['The hex file cannot be decoded. Checksum calculation failure occurred.', 'transient, user'],
  parser: ['The hex file cannot be decoded. Parser logic failure occurred.', 'transient, user'],
  interface: ['In application programming write failed.', 'interface'],
  internal: ['An internal error has occurred', 'internal'],
  user: ['The application image is not compatible with the target.', 'user'],
};

/** The chip that is programmed: 256 KiB of flash memory from address 0. */
export interface Target {
  readonly flash: Uint8Array;
  /** What goes wrong with it; `null`: nothing. */
  trouble: Trouble | null;
}

export type Kind = 'BIN' | 'HEX';
export type Progress = Trouble | 'goes-on' | 'may-end' | 'ends';

export interface Stream {
  readonly kind: Kind;
  take(sector: Uint8Array): Progress;
}

const isCode = (word: number): boolean => word % 2 === 1 && word < 256 * 1024;

export function identify(sector: Uint8Array): Kind | null {
  const bytes = Buffer.from(sector);
  const stack = bytes.readUInt32LE(0);
  const isInRam = stack >= 0x2000_0000 && stack <= 0x2002_0000;
  if (isInRam && [4, 8, 12].every((at) => isCode(bytes.readUInt32LE(at)))) return 'BIN';
  return /^:[0-9A-F]{7}0[0-5]/.test(bytes.toString('latin1', 0, 12)) ? 'HEX' : null;
}

function program(target: Target, address: number, bytes: Uint8Array): Trouble | null {
  if (target.trouble !== null) return target.trouble;
  if (address + bytes.length > target.flash.length) return TROUBLE.user;
  target.flash.set(bytes, address);
  return null;
}

export function openStream(kind: Kind, target: Target): Stream {
  let [address, base, rest, isOpen] = [0, 0, '', false];
  /** The whole chip is erased before the first byte is written. */
  const write = (at: number, bytes: Uint8Array): Trouble | null => {
    if (!isOpen && target.trouble === null) target.flash.fill(0xff);
    isOpen = true;
    return program(target, at, bytes);
  };
  function record(line: string): Progress {
    if (!/^:([0-9A-Fa-f]{2}){5,}$/.test(line)) return TROUBLE.parser;
    const bytes = Buffer.from(line.slice(1), 'hex');
    if (bytes.reduce((sum, byte) => (sum + byte) & 0xff, 0) !== 0) return TROUBLE.checksum;
    const data = bytes.subarray(4, -1);
    if (bytes[3] === 1) return 'ends';
    if (bytes[3] === 4) base = data.readUInt16BE(0) * 0x10000;
    return (bytes[3] === 0 && write(base + bytes.readUInt16BE(1), data)) || 'goes-on';
  }
  return {
    kind,
    take(sector) {
      if (kind === 'BIN') {
        const failed = write(address, sector);
        address += sector.length;
        return failed ?? 'may-end';
      }
      const lines = (rest + Buffer.from(sector).toString('latin1')).split(/\r?\n/);
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const progress = line === '' ? 'goes-on' : record(line);
        if (progress !== 'goes-on') return progress;
      }
      return 'goes-on';
    },
  };
}
