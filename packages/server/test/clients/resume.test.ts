import { beforeEach, describe, expect, test, vi } from 'vitest';
import { resuming } from './examples/resume.ts';

type Sink = Parameters<Parameters<typeof resuming>[0]>[1];

/** Each subscription that reached the server: its `after`, and where its results go. */
let started: { after: unknown; sink: Sink }[];
let received: unknown[];
let stop: () => void;
const last = () => {
  const subscription = started.at(-1);
  if (!subscription) throw new Error('nothing was subscribed to');
  return subscription;
};
const send = (event: object) => last().sink.next({ data: { field: event } });
const refuse = (code: string) => last().sink.error([{ message: code, extensions: { code } }]);
const afters = () => started.map(({ after }) => after);

beforeEach(() => {
  vi.useFakeTimers();
  started = [];
  received = [];
  const subscribe = resuming((request, sink) => {
    started.push({ after: request.variables?.after, sink });
    return () => {};
  });
  stop = subscribe(
    { query: 'subscription', variables: { filter: {} } },
    {
      next: (result) => received.push(result),
      error: (error) => received.push(error),
      complete: () => received.push('complete'),
    },
  );
  return () => vi.useRealTimers();
});

describe('a subscription that is refused for a passing reason', () => {
  test.each(['SLOW_CONSUMER', 'UNAVAILABLE', 'RATE_LIMITED'])('%s: goes on behind its last event', async (code) => {
    send({ cursor: '1' });
    refuse(code);
    await vi.runAllTimersAsync();
    expect(afters()).toEqual([undefined, '1']);
    expect(received).toHaveLength(1);
  });

  test('over SSE, where the refusal is a result before the end', async () => {
    send({ cursor: '1' });
    last().sink.next({ errors: [{ extensions: { code: 'SLOW_CONSUMER' } }] });
    last().sink.complete();
    await vi.runAllTimersAsync();
    expect(afters()).toEqual([undefined, '1']);
    expect(received).toHaveLength(1);
  });

  test('waits as long as it is asked to, and no longer than until it is stopped', async () => {
    last().sink.error([{ extensions: { code: 'RATE_LIMITED', retryAfterMs: 60_000 } }]);
    await vi.advanceTimersByTimeAsync(59_999);
    expect(started).toHaveLength(1);
    stop();
    await vi.runAllTimersAsync();
    expect(started).toHaveLength(1);
  });
});

test('any other refusal reaches the program', async () => {
  refuse('FORBIDDEN');
  await vi.runAllTimersAsync();
  expect(started).toHaveLength(1);
  expect(received).toEqual([[{ message: 'FORBIDDEN', extensions: { code: 'FORBIDDEN' } }]]);
});

test('a watch that breaks before its list has come whole begins again', async () => {
  send({ type: 'ADDED', cursor: '1' });
  refuse('UNAVAILABLE');
  await vi.runAllTimersAsync();
  send({ type: 'ADDED', cursor: '2' });
  send({ type: 'SYNCED', cursor: '3' });
  refuse('UNAVAILABLE');
  await vi.runAllTimersAsync();
  expect(afters()).toEqual([undefined, undefined, '3']);
});

test('a watch whose place is lost begins again with its whole list; changes that are lost are for the program to know', async () => {
  send({ type: 'SYNCED', cursor: '1' });
  refuse('CURSOR_EXPIRED');
  await vi.runAllTimersAsync();
  send({ type: 'ADDED', cursor: '2' });
  refuse('UNAVAILABLE');
  await vi.runAllTimersAsync();
  send({ cursor: '3' });
  refuse('CURSOR_EXPIRED');
  await vi.runAllTimersAsync();
  expect(afters()).toEqual([undefined, undefined, undefined]);
  expect(received.at(-1)).toMatchObject([{ extensions: { code: 'CURSOR_EXPIRED' } }]);
});
