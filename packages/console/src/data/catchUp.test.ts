import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createCatchUp } from './catchUp.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test('K2: a page has caught up once it has read all again, and no event has come for a while', async () => {
  const onDone = vi.fn();
  const catchUp = createCatchUp(onDone);
  const reading = Promise.withResolvers<void>();
  catchUp.stir();
  catchUp.waitFor(reading.promise);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(onDone).not.toHaveBeenCalled();
  reading.resolve();
  await vi.advanceTimersByTimeAsync(500);
  catchUp.stir();
  await vi.advanceTimersByTimeAsync(500);
  expect(onDone).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(100);
  expect(onDone).toHaveBeenCalledOnce();
});
