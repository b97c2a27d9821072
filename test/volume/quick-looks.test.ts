import { describe, expect, test } from 'vitest';
import { createQuickLooks } from '../../src/volume/quick-looks.ts';
import { jumpingClock } from './a-volume.ts';

describe('a look at a place that may never answer', () => {
  test('is passed over soon, and not repeated until the first call has returned', async () => {
    const clock = jumpingClock();
    const quickLook = createQuickLooks(clock);
    let looks = 0;
    let letGo = (): void => undefined;
    const share = (): Promise<string> => {
      looks += 1;
      return looks > 1
        ? Promise.resolve('there')
        : new Promise((resolve) => {
            letGo = () => resolve('late');
          });
    };
    expect(await quickLook('share', share)).toBeNull();
    expect(clock.now()).toBe(500);
    expect(await quickLook('share', share)).toBeNull();
    expect(looks).toBe(1);
    expect(await quickLook('stick', async () => 'there')).toBe('there');
    letGo();
    await Promise.resolve();
    expect(await quickLook('share', share)).toBe('there');
  });

  test('that fails finds nothing, and is repeated', async () => {
    const quickLook = createQuickLooks(jumpingClock());
    expect(await quickLook('stick', () => Promise.reject(new Error('ENOENT')))).toBeNull();
    expect(await quickLook('stick', async () => 'there')).toBe('there');
  });
});
