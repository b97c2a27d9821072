import type { VirtualClock } from '../../memory/virtual-clock.ts';
import { createProbeDisk, type EntryChange, type ProbeDisk } from './disk.ts';
import type { Target, Trouble } from './streams.ts';
import { createTransfer, type Transfer } from './transfer.ts';

/** What a probe and its firmware are like. */
export interface ProbeMake {
  readonly uniqueId: string;
  /** `st`: a fork that tells its version and build only, and writes one line into FAIL.TXT. */
  readonly make: 'arm' | 'st';
  readonly mode: 'Interface' | 'Bootloader';
  /** What is in DETAILS.TXT instead; `null`: what a probe writes. */
  readonly details: string | null;
  /** Whether magic files have an effect. */
  readonly automation: boolean;
}

export interface Probe {
  readonly target: Target;
  readonly remounts: number;
  /** `null` while there is no medium. */
  readonly disk: ProbeDisk | null;
  /** Changes with each medium. */
  readonly medium: number;
  write(sector: number, bytes: Uint8Array): void;
  /** Power off and on: all that is in RAM is lost. */
  restart(): void;
  /** What its settings are, by their names in DETAILS.TXT. */
  readonly switches: Map<string, number>;
  readonly erased: number;
  /** An assertion in its own code has failed. */
  assert(): void;
}

const TICK_MS = 90;
const AWAY_MS = 2_500 + TICK_MS;
/** How long it waits after the last write, in ms. */
const DELAY_MS: Readonly<Record<Transfer['state'], number>> = {
  idle: 500,
  'in-progress': 20_000,
  'may-finish': 500,
  finished: 500,
};

/** As in vfs_user.c, `s_magic_file_info`. */
const SWITCHED: Readonly<Record<string, readonly [string, number]>> = {
  AUTO_RSTCFG: ['Auto Reset', 1],
  HARD_RSTCFG: ['Auto Reset', 0],
  'AUTO_ON CFG': ['Automation allowed', 1],
  AUTO_OFFCFG: ['Automation allowed', 0],
  'OVFL_ON CFG': ['Overflow detection', 1],
  OVFL_OFFCFG: ['Overflow detection', 0],
  'COMP_ON CFG': ['Incompatible image detection', 1],
  COMP_OFFCFG: ['Incompatible image detection', 0],
  'PAGE_ON ACT': ['Page erasing', 1],
  PAGE_OFFACT: ['Page erasing', 0],
};

function detailsOf(
  { uniqueId, make, mode, details }: ProbeMake,
  remounts: number,
  switches: ReadonlyMap<string, number>,
): string {
  if (details !== null) return details;
  if (make === 'st') return 'Version: 0221\r\nBuild:   Apr 27 2015 16:05:11\r\n';
  const lines = [
    '# DAPLink Firmware - see https://mbed.com/daplink',
    `Unique ID: ${uniqueId}`,
    'HIC ID: 97969900',
    ...[...switches].map(([key, value]) => `${key}: ${value}`),
    `Daplink Mode: ${mode}`,
    'Interface Version: 0257',
    `Remount count: ${remounts}`,
  ];
  return `${lines.join('\r\n')}\r\n`;
}

/** A debug probe with DAPLink, as in vfs_manager.c and vfs_user.c at ca1bfb28, and the chip that it programs. */
export function createProbe(
  clock: Pick<VirtualClock, 'now' | 'add'>,
  { mode: firstMode, ...rest }: ProbeMake,
  onReset: (hasDrive: boolean) => void,
): Probe {
  let [mode, erased, asked] = [firstMode, 0, ''];
  const switches = new Map([
    ['Auto Reset', 1],
    ['Automation allowed', rest.automation ? 1 : 0],
    ['Overflow detection', 1],
    ['Incompatible image detection', 1],
    ['Page erasing', 0],
  ]);
  const make = rest;
  const target: Target = { flash: new Uint8Array(256 * 1024).fill(0xff), trouble: null };
  let [remounts, medium, lastWriteMs, backAtMs] = [0, 0, 0, null as number | null];
  let [hasAsserted, isAsked] = [false, false];
  let fail: Trouble | null = null;
  let transfer = createTransfer(target);
  let disk = build();

  function build(): ProbeDisk {
    const files = new Map([
      ['MBED    HTM', '<html></html>\r\n'],
      ['DETAILS TXT', detailsOf({ ...make, mode }, remounts, switches)],
    ]);
    const [text, types] = fail ?? [];
    if (text !== undefined)
      files.set('FAIL    TXT', make.make === 'st' ? `${text}\r\n` : `error: ${text}\r\ntype: ${types}\r\n`);
    if (hasAsserted) files.set('ASSERT  TXT', 'Assert\r\nFile: vfs_manager.c\r\nLine: 300\r\n');
    return createProbeDisk('DAPLINK', files);
  }
  /** Whether it was a reset. */
  function obey(): boolean {
    const name = asked;
    asked = '';
    const [key, value] = SWITCHED[name] ?? [];
    if (key !== undefined && value !== undefined) switches.set(key, value);
    if (name === 'ERASE   ACT') {
      target.flash.fill(0xff);
      erased += 1;
    }
    if (!/^(START|MSD)/.test(name)) return false;
    if (name.startsWith('START')) mode = mode === 'Interface' ? 'Bootloader' : 'Interface';
    remounts = 0;
    fail = null;
    bring();
    onReset(name !== 'MSD_OFF CFG');
    return true;
  }
  function takeAway(): void {
    if (obey()) return;
    transfer.cut();
    fail = transfer.ending === 'good' ? null : transfer.ending;
    remounts += 1;
    backAtMs = clock.now() + AWAY_MS;
  }
  function bring(): void {
    backAtMs = null;
    isAsked = false;
    medium += 1;
    transfer = createTransfer(target);
    disk = build();
  }
  function change(entry: EntryChange): void {
    const { name } = entry;
    const isKnown = name in SWITCHED || ['REFRESH ACT', 'ERASE   ACT', 'MSD_OFF CFG'].includes(name);
    const isOfMode = name === (mode === 'Interface' ? 'START_BLACT' : 'START_IFACT');
    if (entry.kind === 'created' && switches.get('Automation allowed') === 1 && (isKnown || isOfMode)) {
      isAsked = true;
      asked = name;
    }
    transfer.entry(entry);
  }
  const dueMs = (): number | null => {
    if (backAtMs !== null) return backAtMs;
    if (!isAsked && transfer.state === 'idle') return null;
    return lastWriteMs + DELAY_MS[transfer.state] + TICK_MS;
  };
  clock.add({
    nextWakeMs: dueMs,
    run() {
      if (clock.now() < (dueMs() ?? Number.POSITIVE_INFINITY)) return;
      if (backAtMs === null) takeAway();
      else bring();
    },
  });
  return {
    target,
    switches,
    get erased() {
      return erased;
    },
    get remounts() {
      return remounts;
    },
    get disk() {
      return backAtMs === null ? disk : null;
    },
    get medium() {
      return medium;
    },
    write(sector, bytes) {
      if (backAtMs !== null) return;
      lastWriteMs = clock.now();
      if (transfer.state === 'finished') return;
      disk.write(sector, bytes, change);
      transfer.data(sector, bytes);
    },
    restart() {
      remounts = 0;
      fail = null;
      bring();
    },
    assert() {
      hasAsserted = true;
    },
  };
}
