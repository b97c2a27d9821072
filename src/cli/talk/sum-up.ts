import { FAULTS, type FaultCode, type Verdict } from '../../protocol/faults.ts';
import { type CommandResult, type Result, resultOf } from './result.ts';

/**
 * With several devices the worst verdict decides the exit status; within a verdict, the order of the table of faults
 * does.
 */
const WORST_FIRST: readonly Verdict[] = ['failed', 'indeterminate', 'rejected', 'refused', 'applied', 'unchanged'];

const CODES = Object.keys(FAULTS) as readonly FaultCode[];

/** What is accepted hides no device that ended worse. */
const ACCEPTED = WORST_FIRST.indexOf('refused') + 0.5;

const badness = ({ code, accepted }: Result): readonly number[] => [
  accepted ? ACCEPTED : WORST_FIRST.indexOf(FAULTS[code].verdict),
  CODES.indexOf(code),
];

function compare(a: Result, b: Result): number {
  const [left, right] = [badness(a), badness(b)];
  return (left[0] ?? 0) - (right[0] ?? 0) || (left[1] ?? 0) - (right[1] ?? 0);
}

/** `2 applied, 1 refused (volume-full)`: claims nothing that no device showed. */
function countUp(results: readonly Result[]): string {
  const counts = new Map<string, number>();
  for (const { verdict, code, accepted } of results) {
    const what = code === verdict ? verdict : `${verdict} (${code}${accepted ? ', accepted' : ''})`;
    counts.set(what, (counts.get(what) ?? 0) + 1);
  }
  return [...counts].map(([what, count]) => `${count} ${what}`).join(', ');
}

/**
 * The result of a command on all its devices: that of the only device, or a sum with the exit status of the worst.
 * There must be at least one device.
 */
export function sumUp(results: readonly Result[]): CommandResult {
  const sorted = [...results].sort(compare);
  const [worst] = sorted;
  if (worst === undefined) throw new TypeError('no device, no sum');
  if (results.length === 1) return { ...worst, devices: results };
  const { code, exit, accepted, remedy, device, message } = worst;
  const isMixed = results.some(({ verdict }) => verdict !== worst.verdict);
  const rest = exit === 0 && !accepted ? '' : ` ${device ?? 'A device'}: ${message}`;
  const sum = `${results.length} devices: ${countUp(sorted)}.${rest}`;
  const ended = { ...resultOf(code, { message: sum, remedy }), exit, ...(accepted && { accepted }) };
  return { ...ended, ...(isMixed && { verdict: 'mixed' }), devices: results };
}
