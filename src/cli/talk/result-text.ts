import type { OldFirmware } from '../../engine/old-firmware.ts';
import type { Verdict } from '../../protocol/faults.ts';
import type { Line, Piece, Tone } from '../text/line.ts';
import type { CommandResult, Result } from './result.ts';

/** How good a verdict is, as a tone. */
export function toneOf({ verdict }: { readonly verdict: Verdict | 'mixed' }): Tone {
  if (verdict === 'applied' || verdict === 'unchanged') return 'good';
  return verdict === 'rejected' || verdict === 'failed' ? 'bad' : 'doubtful';
}

const FIRMWARE: Readonly<Record<OldFirmware, string>> = {
  runs: 'The device still runs its old firmware.',
  replaced: 'The device runs different firmware from before.',
  none: 'The device is in its bootloader: no firmware runs.',
  unknown: 'It is not known which firmware the device runs now.',
};

const versions = ({ from, to }: Pick<Result, 'from' | 'to'>): string =>
  `${from ?? 'unknown firmware'} -> ${to ?? 'unknown'}`;

function headline(result: Result | CommandResult): Line {
  const { verdict, device, code, meaning, from, to } = result;
  const what: Piece = { text: verdict, tone: toneOf(result) };
  const whose = device === null ? '' : ` ${device}`;
  return [
    what,
    `${whose}: ${code === 'applied' && (from ?? to) !== null ? `${meaning} ${versions(result)}` : meaning}`,
  ];
}

/** What a message adds to the meaning of its code, usually what was expected and what was found. */
function foundIn({ meaning, message }: Pick<Result, 'meaning' | 'message'>): string {
  return message.startsWith(meaning) ? message.slice(meaning.length).trim() : message;
}

const row = (name: string, text: string): Line => [{ text: `  ${name.padEnd(9)}`, tone: 'faint' }, text];

/**
 * How a run on one device ended, for people: verdict, meaning, what was found, which firmware runs, and what to do now.
 */
export function resultText(result: Result | CommandResult): readonly Line[] {
  const found = foundIn(result);
  const lines = [headline(result)];
  if (found !== '') lines.push(row('why', found));
  if (result.exit !== 0 && result.oldFirmware !== null) lines.push(row('firmware', FIRMWARE[result.oldFirmware]));
  if (result.remedy !== '') lines.push(row('now', result.remedy));
  if (result.exit !== 0 || result.accepted) lines.push(row('code', `${result.code}, exit status ${result.exit}`));
  return lines;
}

/** The same in one line, for `--quiet`. */
export function shortResultText(result: Result | CommandResult): Line {
  const whose = result.device === null ? '' : ` ${result.device}`;
  const isOfOne = !('devices' in result) || result.devices.length < 2;
  const said =
    result.code === 'applied' && isOfOne && (result.from ?? result.to) !== null ? versions(result) : result.message;
  if (result.exit === 0) return [`${result.verdict}${whose}: ${said}`];
  return [`${result.verdict}${whose} (${result.code}): ${result.message} ${result.remedy}`.trimEnd()];
}
