import { expect, test } from 'vitest';
import { BenchError } from '../benchError.ts';
import type { ConsoleFigures } from './measure.ts';
import { tabulate } from './tabulate.ts';

const options = { supervisors: 60, plugins: 2, loads: 2, changes: 3, eventsASecond: 500, seconds: 2, minutes: 7 };
const never = new AbortController().signal;

/** A machine that gets nowhere until it is stopped. */
const hang = (_options: unknown, signal: AbortSignal) =>
  new Promise<ConsoleFigures>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));

test('a size that takes too long is ended, and said so in place of its table', async () => {
  const bound = new AbortController();
  const tabulated = tabulate(options, hang, bound.signal, never);
  bound.abort();
  expect(await tabulated).toEqual({
    isMeasured: false,
    text: expect.stringContaining('60 supervisors: not measured: it took more than 7 minutes'),
  });
});

test('a size that fails has its reason in place of its table', async () => {
  const fail = () => Promise.reject(new BenchError('the server did not become quiet'));
  expect(await tabulate(options, fail, never, never)).toMatchObject({
    isMeasured: false,
    text: expect.stringMatching(/not measured: the server did not become quiet$/),
  });
});

test('a bench that is stopped measures no further size', async () => {
  const stopping = new AbortController();
  const tabulated = tabulate(options, hang, never, stopping.signal);
  stopping.abort(new BenchError('stopped'));
  await expect(tabulated).rejects.toThrow('stopped');
});
