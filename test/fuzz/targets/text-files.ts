import type { Parsed } from '../../../src/protocol/found.ts';
import { CODES_OF_STATE } from '../../../src/protocol/spacepack/codes.ts';
import { parseInfo } from '../../../src/protocol/spacepack/info.ts';
import { parseText, TEXT_LIMIT, TRIGGER_LIMIT } from '../../../src/protocol/spacepack/key-value.ts';
import { parseStatus } from '../../../src/protocol/spacepack/status.ts';
import { parseTrigger, type Trigger, writeTrigger } from '../../../src/protocol/spacepack/trigger.ts';
import { crc32Hex } from '../../fake-volume/spacepack/checksum.ts';
import { readText, writeText } from '../../fake-volume/spacepack/grammar.ts';
import { readTrigger } from '../../fake-volume/spacepack/trigger.ts';
import { buildInstallTrigger, buildPingTrigger } from '../../fake-volume/spacepack/trigger-build.ts';
import { kindOfSentence, promise, requireCount, requireEqual, requirePrintable, type Target } from '../target.ts';

const INFO = [
  ['Protocol', '1'],
  ['Model', 'SpacePack'],
  ['Hardware', '0100'],
  ['Serial', 'SP00000001'],
  ['Mode', 'application'],
  ['Version', '1.0.0+0'],
  ['Image', 'ab'.repeat(32)],
  ['Boot-Count', '7'],
  ['Session', '0123456789abcdef'],
  ['Max-Payload', '67108864'],
  ['Security-Floor', '0'],
  ['Battery', '100'],
  ['Battery-Min', '30'],
  ['Quiet-ms', '1500'],
  ['Quiet-Dirty-ms', '40000'],
  ['Max-Away-ms', '120000'],
] as const;

const STATUS = [
  ['Protocol', '1'],
  ['Boot-Count', '7'],
  ['Nonce', '00112233445566778899aabbccddeeff'],
  ['State', 'rejected'],
  ['Code', 'rollback'],
  ['From', '1.0.0+0'],
  ['To', '0.9.0+4294967295'],
  ['Image', 'none'],
  ['Trigger-Boot-Count', '6'],
  ['Ping-Nonce', 'none'],
  ['Detail', 'the version is below the running one'],
] as const;

const ORDER = { nonce: '0123456789ABCDEF'.repeat(2), serial: 'SP-1_a.b', bootCount: 7, session: '0123456789abcdef' };

const WORDS = [
  ...[...INFO, ...STATUS].flatMap(([key, value]) => [`${key}: `, value]),
  ...[
    'Action: ',
    'install',
    'ping',
    'Length: ',
    'Payload-CRC32: ',
    'Payload-SHA256: ',
    'Allow-Downgrade: ',
    'yes',
    'no',
  ],
  ...Object.entries(CODES_OF_STATE).flat(2),
  ...[
    '\n',
    '\r\n',
    '\r',
    '\t',
    ' ',
    ': ',
    'Pad: ....',
    'crc32: 00000000\n',
    'CRC32: FFFFFFFF\n',
    '\u00ef\u00bb\u00bf',
    '\x1b[31m',
  ],
  ...['none', 'bootloader', '2', '9007199254740991', '9007199254740992', '256.0.0+0', '1.2.3', '.'.repeat(64)],
];

/** With the right CRC in its last line, or with such a line if it has none. */
function repaired(bytes: Uint8Array): Uint8Array {
  const text = Buffer.from(bytes);
  const found = /(?:^|\n)(CRC32: [0-9A-Fa-f]{8}\r?\n)$/.exec(text.toString('latin1'));
  const end = found?.[1] ?? 'CRC32: 00000000\n';
  const body = found === null ? text : text.subarray(0, text.length - end.length);
  return Buffer.concat([body, Buffer.from(end.replace(/ [0-9A-F]{8}/i, ` ${crc32Hex(body)}`), 'latin1')]);
}

/** Both sides must call the same bytes torn, malformed or intact as far as the lines go (protocol §3.5). */
function requireSameKind(bytes: Uint8Array, limitBytes: number): void {
  const device = readText(bytes, limitBytes).kind;
  requireEqual(parseText(bytes, limitBytes, () => 0).kind, device, 'what host and device call the file');
}

function outcomeOf(parsed: Parsed<unknown>): string {
  if (parsed.kind === 'intact') return 'intact';
  requirePrintable(parsed.why, 'why');
  promise(parsed.why.length < 400, () => `why: expected a short sentence, found ${parsed.why.length} characters`);
  return `${parsed.kind}: ${kindOfSentence(parsed.why)}`;
}

const info: Target = {
  name: 'info',
  words: WORDS,
  seeds: () => [
    writeText(INFO, 1024),
    writeText(
      INFO.map(([key, value]) => [key, { Mode: 'bootloader', Version: 'none', Image: 'none' }[key as string] ?? value]),
    ),
    writeText(INFO.map(([key, value]) => [key, key === 'Protocol' ? '2' : value])),
  ],
  repaired,
  mostBytes: TEXT_LIMIT + 64,
  run(bytes) {
    requireSameKind(bytes, TEXT_LIMIT);
    const parsed = parseInfo(bytes);
    if (parsed.kind !== 'intact') return outcomeOf(parsed);
    const { protocol, serial, mode, bootCount, image, details } = parsed.value;
    promise(/^[A-Za-z0-9._-]{1,32}$/.test(serial), () => `Serial: expected a name, found ${serial}`);
    requireCount(protocol, 'Protocol');
    requireCount(bootCount, 'Boot-Count');
    if (details === null) return `intact, of another protocol, ${mode}`;
    const { timing, batteryPercent, maxPayloadBytes, session } = details;
    promise((image === null) === (mode === 'bootloader'), () => `${mode} with the image ${image}`);
    promise(batteryPercent <= 100 && /^[0-9a-f]{16}$/.test(session), () => JSON.stringify(details));
    requireCount(maxPayloadBytes, 'Max-Payload');
    const { quietMs, quietDirtyMs, maxAwayMs } = timing;
    const isClamped = quietMs >= 500 && quietMs <= 10_000 && quietDirtyMs >= 5_000 && quietDirtyMs <= 120_000;
    promise(isClamped && maxAwayMs >= 5_000 && maxAwayMs <= 900_000, () => JSON.stringify(timing));
    return `intact, ${mode}`;
  },
};

const status: Target = {
  name: 'status',
  words: WORDS,
  seeds: () => [
    writeText(STATUS, 1024),
    writeText(
      STATUS.map(([key, value]) => [key, { Nonce: 'none', State: 'idle', Code: 'none' }[key as string] ?? value]),
    ),
    writeText(STATUS.map(([key, value]) => [key, key === 'Protocol' ? '2' : value])),
  ],
  repaired,
  mostBytes: TEXT_LIMIT + 64,
  run(bytes) {
    requireSameKind(bytes, TEXT_LIMIT);
    const parsed = parseStatus(bytes);
    if (parsed.kind !== 'intact') return outcomeOf(parsed);
    const { state, code, bootCount, nonce, pingNonce, details } = parsed.value;
    requireCount(bootCount, 'Boot-Count');
    for (const each of [nonce, pingNonce])
      promise(/^(null|[0-9a-f]{32})$/.test(String(each)), () => `a nonce: ${each}`);
    if (details === null) return `intact, of another protocol, ${state} ${code}`;
    requirePrintable(details.detail, 'Detail');
    promise(details.detail.length <= 256, () => 'Detail: expected at most 256 bytes, found more');
    return `intact, ${state} ${code}`;
  },
};

/** The host's trigger as the device tells the same one. */
function asDevice({ nonce, serial, bootCount, session, action }: Trigger): object {
  if (action.kind === 'ping') return { nonce, serial, session, bootCount, install: null };
  const { lengthBytes, crc32, sha256 } = action.payload;
  const { allowDowngrade } = action;
  const crc = crc32.toString(16).toUpperCase().padStart(8, '0');
  return { nonce, serial, session, bootCount, install: { lengthBytes, crc32: crc, sha256, allowDowngrade } };
}

const trigger: Target = {
  name: 'trigger',
  words: WORDS,
  seeds: () => [buildPingTrigger(ORDER), buildInstallTrigger({ ...ORDER, allowDowngrade: true }, new Uint8Array(9))],
  repaired,
  mostBytes: TRIGGER_LIMIT + 64,
  run(bytes) {
    requireSameKind(bytes, TRIGGER_LIMIT);
    const parsed = parseTrigger(bytes);
    const seen = readTrigger(bytes);
    // What is longer than a sector is malformed to a reader, and nothing that the device would ever act on (§3.2, §3.5).
    const kind = bytes.length > TRIGGER_LIMIT || parsed.kind === 'torn' ? 'nothing' : parsed.kind;
    requireEqual(kind, seen.kind, 'what host and device call the trigger');
    if (parsed.kind !== 'intact') return outcomeOf(parsed);
    if (seen.kind === 'intact') requireEqual(asDevice(parsed.value), seen.trigger, 'the trigger');
    const written = writeTrigger(parsed.value);
    promise(written.length <= TRIGGER_LIMIT, () => `expected at most ${TRIGGER_LIMIT} bytes, found ${written.length}`);
    requireEqual(parseTrigger(written), parsed, 'a trigger and what is read of it when written');
    return `intact, ${parsed.value.action.kind}`;
  },
};

/** The files that host and device tell each other things by (protocol §3 to §6). */
export const TEXT_FILES: readonly Target[] = [info, status, trigger];
