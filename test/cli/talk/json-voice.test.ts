import { expect, test } from 'vitest';
import type { TimedEvent } from '../../../src/cli/talk/events.ts';
import { createJsonVoice } from '../../../src/cli/talk/json-voice.ts';

function progress(device: string, elapsedMs: number, doneBytes: number): TimedEvent {
  return { v: 1, event: 'progress', elapsedMs, device, step: 'write', doneBytes, totalBytes: 100 };
}

test('progress comes at most ten times a second a device, and its end always', () => {
  const written: { device: string; doneBytes: number }[] = [];
  const voice = createJsonVoice({
    isTerminal: false,
    columns: () => 80,
    write: (text) => written.push(JSON.parse(text)),
  });
  for (let ms = 0; ms < 250; ms += 10) {
    voice.tell(progress('A', ms, ms / 10));
    voice.tell(progress('B', ms, ms / 10));
  }
  voice.tell(progress('A', 251, 100));
  const of = (wanted: string) => written.filter(({ device }) => device === wanted).map(({ doneBytes }) => doneBytes);
  expect(of('A')).toEqual([0, 10, 20, 100]);
  expect(of('B')).toEqual([0, 10, 20]);
});
