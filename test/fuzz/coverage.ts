import { type Profiler, Session } from 'node:inspector';

/** Which of the sources' text has been executed, as V8 counts it block by block. */
export interface Coverage {
  /**
   * What was executed since the last call, added to what was before. Answers how many characters of the sources are new; a
   * probe only looks and adds nothing.
   */
  take(isProbe?: boolean): number;
  /** What was executed since the last call counts for nothing. */
  skip(): void;
  /** Everything is new again. */
  forget(): void;
  stop(): void;
}

/**
 * Begins to count, in the scripts whose address passes. Once in a thread, and before what is to be counted runs for the first
 * time: V8 counts blocks only in functions that it compiles from then on, and after an end, only whole functions.
 */
export function startCoverage(isOurs: (url: string) => boolean): Coverage {
  const session = new Session();
  session.connect();
  session.post('Profiler.enable');
  session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  const seen = new Map<string, Uint8Array>();
  return {
    take(isProbe = false) {
      let fresh = 0;
      for (const { url, functions } of takeScripts(session)) {
        if (!isOurs(url)) continue;
        for (const each of functions) fresh += note(seen, url, each, isProbe);
      }
      return fresh;
    },
    skip: () => void takeScripts(session),
    forget() {
      takeScripts(session);
      seen.clear();
    },
    stop() {
      session.post('Profiler.stopPreciseCoverage');
      session.disconnect();
    },
  };
}

function takeScripts(session: Session): readonly Profiler.ScriptCoverage[] {
  let taken: readonly Profiler.ScriptCoverage[] = [];
  // Within one thread the answer comes before the call returns.
  session.post('Profiler.takePreciseCoverage', (error, { result }) => {
    if (error !== null) throw error;
    taken = result;
  });
  return taken;
}

/**
 * Notes what one function executed. Its ranges are nested, the outer one first, and the innermost counts. V8 leaves out a range
 * whose count is that of the one around it, so ranges cannot be compared from call to call; characters can.
 */
function note(
  seen: Map<string, Uint8Array>,
  url: string,
  { ranges }: Profiler.FunctionCoverage,
  isProbe: boolean,
): number {
  const [whole] = ranges;
  if (whole === undefined || whole.count === 0) return 0;
  const begin = whole.startOffset;
  const name = `${url}:${begin}:${whole.endOffset}`;
  const now = new Uint8Array(whole.endOffset - begin);
  for (const { startOffset, endOffset, count } of ranges) {
    now.fill(count > 0 ? 1 : 0, startOffset - begin, endOffset - begin);
  }
  const before = seen.get(name) ?? new Uint8Array(now.length);
  let fresh = 0;
  for (const [at, isExecuted] of now.entries()) {
    if (isExecuted === 1 && before[at] === 0) fresh += 1;
    else now[at] = before[at] ?? 0;
  }
  if (!isProbe) seen.set(name, now);
  return fresh;
}
