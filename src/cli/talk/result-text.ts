import type { OldFirmware } from '../../engine/old-firmware.ts';
import { FAULTS, type Verdict } from '../../protocol/faults.ts';
import type { Line, Piece, Tone } from '../text/line.ts';
import type { End, Ending } from './result.ts';

/** How good a verdict is, as a tone. */
export function toneOf({ verdict }: { readonly verdict: Verdict | 'mixed' }): Tone {
  if (verdict === 'applied' || verdict === 'unchanged') return 'good';
  return verdict === 'rejected' || verdict === 'failed' ? 'bad' : 'doubtful';
}

const FIRMWARE: Readonly<Record<OldFirmware, string>> = {
  runs: 'The device still runs the firmware that it ran before.',
  replaced: 'The device runs another firmware than before.',
  none: 'The device is in its bootloader: no firmware runs.',
  unknown: 'Not known which firmware the device runs now.',
};

const versions = ({ from, to }: Pick<End, 'from' | 'to'>): string => `${from ?? 'no firmware'} -> ${to ?? 'unknown'}`;

function headline(end: End | Ending): Line {
  const { verdict, device, code } = end;
  const what: Piece = { text: verdict, tone: toneOf(end) };
  const whose = device === null ? '' : ` ${device}`;
  const meaning = FAULTS[code].meaning;
  return [what, `${whose}: ${code === 'applied' ? `${meaning} ${versions(end)}` : meaning}`];
}

/** What a message adds to the meaning of its code: what was expected and what was found. */
function foundIn({ code, message }: Pick<End, 'code' | 'message'>): string {
  const { meaning } = FAULTS[code];
  return message.startsWith(meaning) ? message.slice(meaning.length).trim() : message;
}

const row = (name: string, text: string): Line => [{ text: `  ${name.padEnd(9)}`, tone: 'faint' }, text];

/** How a run on one device ended, for people: verdict, meaning, what was found, which firmware runs, and what to do now. */
export function endingLines(end: End | Ending): readonly Line[] {
  const found = foundIn(end);
  const lines = [headline(end)];
  if (found !== '') lines.push(row('why', found));
  if (end.exit !== 0 && end.oldFirmware !== null) lines.push(row('firmware', FIRMWARE[end.oldFirmware]));
  if (end.remedy !== '') lines.push(row('now', end.remedy));
  if (end.exit !== 0) lines.push(row('code', `${end.code}, exit status ${end.exit}`));
  return lines;
}

/** The same in one line, for `--quiet`. */
export function shortEnding(end: End | Ending): Line {
  const whose = end.device === null ? '' : ` ${end.device}`;
  const isOfOne = !('devices' in end) || end.devices.length < 2;
  const said = end.code === 'applied' && isOfOne ? versions(end) : end.message;
  if (end.exit === 0) return [`${end.verdict}${whose}: ${said}`];
  return [`${end.verdict}${whose} (${end.code}): ${end.message} ${end.remedy}`.trimEnd()];
}
