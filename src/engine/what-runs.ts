import { type Info, runningVersion } from '../protocol/info.ts';
import type { Context } from './context.ts';

/** INFO.TXT was read to say what runs now. */
export function noteWhatRuns({ findings, environment }: Context, info: Info): void {
  findings.to = runningVersion(info);
  findings.now = { image: info.image };
  findings.gaps = environment.clock.gaps();
}

/** Something may have changed it since it was read. */
export function forgetWhatRuns({ findings }: Context): void {
  findings.to = null;
  findings.now = null;
}
