import { SECTOR_BYTES } from '../../fake-volume/cards/fat/sectors.ts';
import type { Unit } from './unit.ts';

/** Why a command failed: sense key, additional sense code, its qualifier (SPC-4 annex D). */
export type Sense = readonly [key: number, code: number, qualifier: number];

const SENSE = {
  none: [0, 0, 0],
  noMedium: [0x02, 0x3a, 0x00],
  writeError: [0x03, 0x0c, 0x00],
  badCommand: [0x05, 0x20, 0x00],
  outOfRange: [0x05, 0x21, 0x00],
  badField: [0x05, 0x24, 0x00],
  mediumChanged: [0x06, 0x28, 0x00],
  writeProtected: [0x07, 0x27, 0x00],
} as const satisfies Readonly<Record<string, Sense>>;

/** What a command gives back; `gone`: the device does not live to answer. */
export type Outcome =
  | { readonly kind: 'good'; readonly data: Buffer }
  | { readonly kind: 'bad'; readonly sense: Sense }
  | { readonly kind: 'gone' };

const COMMAND = {
  testUnitReady: 0x00,
  requestSense: 0x03,
  inquiry: 0x12,
  modeSense6: 0x1a,
  startStop: 0x1b,
  preventRemoval: 0x1e,
  readFormatCapacities: 0x23,
  readCapacity: 0x25,
  read10: 0x28,
  write10: 0x2a,
  verify10: 0x2f,
  synchronizeCache: 0x35,
  modeSense10: 0x5a,
} as const;

/** A logical unit that obeys the commands that hosts send to a stick. */
export interface Target {
  /** `data`: what came with the command. */
  run(command: Buffer, data: Buffer): Promise<Outcome>;
}

export function createTarget(unit: Unit): Target {
  let sense: Sense = SENSE.none;
  let wasReady = false;
  const run = async (command: Buffer, data: Buffer): Promise<Outcome> => {
    const code = command.readUInt8(0);
    if (code === COMMAND.requestSense) return good(takeSense());
    if (code === COMMAND.inquiry) return inquiry(unit, command);
    if (!unit.ready()) {
      wasReady = false;
      return bad(SENSE.noMedium);
    }
    if (!wasReady) {
      wasReady = true;
      return bad(SENSE.mediumChanged);
    }
    return onMedium(unit, code, command, data);
  };
  const takeSense = (): Buffer => {
    const [key, code, qualifier] = sense;
    sense = SENSE.none;
    return Buffer.from([0x70, 0, key, 0, 0, 0, 0, 10, 0, 0, 0, 0, code, qualifier, 0, 0, 0, 0]);
  };
  return {
    async run(command, data) {
      const outcome = await run(command, data);
      if (outcome.kind === 'bad') sense = outcome.sense;
      return outcome;
    },
  };
}

function good(data: Buffer = Buffer.alloc(0)): Outcome {
  return { kind: 'good', data };
}

function bad(sense: Sense): Outcome {
  return { kind: 'bad', sense };
}

async function onMedium(unit: Unit, code: number, command: Buffer, data: Buffer): Promise<Outcome> {
  switch (code) {
    case COMMAND.testUnitReady:
    case COMMAND.preventRemoval:
    case COMMAND.verify10:
      return good();
    case COMMAND.readCapacity:
      return good(capacity(unit));
    case COMMAND.readFormatCapacities:
      return good(formatCapacities(unit));
    case COMMAND.modeSense6:
      return good(modePages(unit, command, 4));
    case COMMAND.modeSense10:
      return good(modePages(unit, command, 8));
    case COMMAND.read10:
      return readTen(unit, command);
    case COMMAND.write10:
      return writeTen(unit, command, data);
    case COMMAND.synchronizeCache:
      return touch(unit.touched({ kind: 'flush' }));
    case COMMAND.startStop:
      return startStop(unit, command.readUInt8(4));
    default:
      return bad(SENSE.badCommand);
  }
}

async function touch(manner: ReturnType<Unit['touched']>): Promise<Outcome> {
  const ended = await manner;
  return ended === 'done' ? good() : ended === 'gone' ? { kind: 'gone' } : bad(SENSE.writeError);
}

function startStop(unit: Unit, bits: number): Outcome | Promise<Outcome> {
  return (bits & 1) === 1 ? good() : touch(unit.touched({ kind: 'stop', eject: (bits & 2) !== 0 }));
}

function inquiry(unit: Unit, command: Buffer): Outcome {
  // Vital product data: none.
  if ((command.readUInt8(1) & 1) === 1) return bad(SENSE.badField);
  const bytes = Buffer.alloc(36);
  bytes.set([0x00, 0x80, 0x04, 0x02, 31]);
  bytes.write(unit.vendor.padEnd(8), 8, 'latin1');
  bytes.write(unit.product.padEnd(16), 16, 'latin1');
  bytes.write(unit.revision().padEnd(4), 32, 'latin1');
  return good(bytes);
}

function capacity({ sectors }: Unit): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32BE(sectors.count - 1, 0);
  bytes.writeUInt32BE(SECTOR_BYTES, 4);
  return bytes;
}

function formatCapacities({ sectors }: Unit): Buffer {
  const bytes = Buffer.alloc(12);
  bytes.writeUInt8(8, 3);
  bytes.writeUInt32BE(sectors.count, 4);
  bytes.writeUInt32BE(0x0200_0000 | SECTOR_BYTES, 8);
  return bytes;
}

/** The header, which tells of write protection, and the caching page, which tells of the write cache. */
function modePages(unit: Unit, command: Buffer, headBytes: 4 | 8): Buffer {
  const page = command.readUInt8(2) & 0x3f;
  const caching = Buffer.alloc(20);
  caching.set([0x08, 18, unit.writeCache ? 0x04 : 0x00]);
  const pages = page === 0x08 || page === 0x3f ? caching : Buffer.alloc(0);
  const head = Buffer.alloc(headBytes);
  const protection = unit.writeProtected() ? 0x80 : 0;
  if (headBytes === 4) head.set([3 + pages.length, 0, protection]);
  else head.set([0, 6 + pages.length, 0, protection]);
  return Buffer.concat([head, pages]);
}

async function readTen({ sectors, fetched }: Unit, command: Buffer): Promise<Outcome> {
  const first = command.readUInt32BE(2);
  const count = command.readUInt16BE(7);
  if (first + count > sectors.count) return bad(SENSE.outOfRange);
  await fetched(count * SECTOR_BYTES);
  return good(Buffer.from(sectors.read(first, count)));
}

function writeTen(unit: Unit, command: Buffer, data: Buffer): Outcome | Promise<Outcome> {
  const first = command.readUInt32BE(2);
  const count = command.readUInt16BE(7);
  if (unit.writeProtected()) return bad(SENSE.writeProtected);
  if (first + count > unit.sectors.count || data.length !== count * SECTOR_BYTES) return bad(SENSE.outOfRange);
  return touch(unit.touched({ kind: 'write', first, bytes: data }));
}
