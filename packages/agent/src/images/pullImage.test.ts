import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MemoryEngine } from '../../testing/memoryEngine.ts';
import { pullImage } from './pullImage.ts';

let engine: MemoryEngine;
beforeEach(() => {
  vi.useFakeTimers();
  engine = new MemoryEngine();
});
afterEach(() => void vi.useRealTimers());

const pull = (policy: 'IfNotPresent' | 'Always' | 'Never', signal = new AbortController().signal) => {
  const { images } = engine.open('agent-1');
  if (!images) throw new Error('the engine has images');
  return pullImage(images, 'a:1', { policy, signal });
};

describe('a pull (G11)', () => {
  it('fetches what is not there, always, or never, as the policy says', async () => {
    expect(await pull('IfNotPresent')).toBe(true);
    expect(await pull('IfNotPresent')).toBe(false);
    expect(await pull('Always')).toBe(true);
    expect(await pull('Never')).toBe(false);
    engine.pulled.clear();
    await expect(pull('Never')).rejects.toMatchObject({ code: 'REFUSED', message: expect.stringContaining('Never') });
    expect(engine.count('pull')).toBe(2);
  });

  /** A registry that shows progress at this interval, and never comes to an end. */
  function endless(progressMs: number): void {
    engine.onPull = (_image, { signal, onProgress }) =>
      new Promise((_resolve, reject) => {
        const timer = setInterval(onProgress, progressMs);
        signal.addEventListener('abort', () => {
          clearInterval(timer);
          reject(signal.reason);
        });
      });
  }

  it.each([
    [3 * 60_000, 2, 'made no progress for 2 minutes'],
    [60_000, 15, 'took longer than 15 minutes'],
  ])('with progress each %i ms ends after %i minutes: it %s', async (progressMs, minutes, words) => {
    endless(progressMs);
    const outcome = pull('Always').catch((error: unknown) => error);
    let isOver = false;
    void outcome.then(() => {
      isOver = true;
    });
    await vi.advanceTimersByTimeAsync(minutes * 60_000 - 1);
    expect(isOver).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(await outcome).toMatchObject({ code: 'REFUSED', message: `the pull of a:1 ${words}` });
  });
});
