import type { Report } from './report.ts';

/**
 * Runs a task that reports progress to a callback, and yields it as reports: only the newest, if several are waiting.
 */
export async function* withProgress<T>(
  step: 'write' | 'verify',
  totalBytes: number,
  start: (onBytes: (bytes: number) => void) => Promise<T>,
): AsyncGenerator<Report, T> {
  let doneBytes = 0;
  let reportedBytes = 0;
  let wake = (): void => {};
  let moved = new Promise<void>((resolve) => {
    wake = resolve;
  });
  const task = start((bytes) => {
    doneBytes = bytes;
    wake();
  });
  let running = true;
  const settled = task.then(
    () => {
      running = false;
    },
    () => {
      running = false;
    },
  );
  while (running) {
    await Promise.race([moved, settled]);
    if (doneBytes === reportedBytes) continue;
    moved = new Promise<void>((resolve) => {
      wake = resolve;
    });
    reportedBytes = doneBytes;
    yield { type: 'progress', step, doneBytes, totalBytes };
  }
  return task;
}
