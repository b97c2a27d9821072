import type { Verdict } from '../../protocol/faults.ts';
import type { Tone } from '../text/line.ts';

/** How good a verdict is, as a tone. */
export function toneOf({ verdict }: { readonly verdict: Verdict | 'mixed' }): Tone {
  if (verdict === 'applied' || verdict === 'unchanged') return 'good';
  return verdict === 'rejected' || verdict === 'failed' ? 'bad' : 'doubtful';
}
