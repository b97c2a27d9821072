import { FAULTS, type FaultCode, type Verdict } from '../protocol/faults.ts';
import { endOf } from './end.ts';
import type { End, Ending } from './events.ts';

/** Of several devices the one that needs a person most decides the exit status; within a verdict, the order of the table. */
const WORST_FIRST: readonly Verdict[] = ['failed', 'indeterminate', 'rejected', 'refused', 'applied', 'unchanged'];

const CODES = Object.keys(FAULTS) as readonly FaultCode[];

const badness = ({ verdict, code }: End): readonly number[] => [WORST_FIRST.indexOf(verdict), CODES.indexOf(code)];

function compare(a: End, b: End): number {
  const [left, right] = [badness(a), badness(b)];
  return (left[0] ?? 0) - (right[0] ?? 0) || (left[1] ?? 0) - (right[1] ?? 0);
}

/** How a command ended on all its devices: as on the only one, or as on the worst of them. There must be one. */
export function sumUp(ends: readonly End[]): Ending {
  const worst = [...ends].sort(compare)[0];
  if (worst === undefined) throw new TypeError('no device, no sum');
  if (ends.length === 1) return { ...worst, devices: ends };
  const { code, remedy, device, message } = worst;
  const same = ends.filter((end) => end.code === code).length;
  const rest = FAULTS[code].exit === 0 ? '' : ` ${device ?? 'A device'}: ${message}`;
  const why = code === worst.verdict ? '' : ` (${code})`;
  const sum = `${same} of ${ends.length} devices: ${worst.verdict}${why}.${rest}`;
  return { ...endOf(code, { message: sum, remedy }), devices: ends };
}
