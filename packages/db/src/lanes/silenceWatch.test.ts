import { beforeEach, describe, expect, test } from 'vitest';
import { type Pending, SilenceWatch, type Waiting } from './silenceWatch.ts';
import type { SilentConnectionError } from './workErrors.ts';

/** Sent long ago. */
const sentAtMs = 0;

let watch: SilenceWatch;
let idle: () => Promise<ReadonlySet<number> | null>;
let asked: number[][];
let pending: Pending[];
let cut: string[];
let changes: boolean[];
let givenUp: number;

beforeEach(() => {
  [asked, pending, cut, changes, givenUp] = [[], [], [], [], 0];
  idle = async () => new Set();
  watch = new SilenceWatch(
    (processIds) => {
      asked.push([...processIds]);
      return idle();
    },
    (isSilent) => changes.push(isSilent),
  );
  const waiting: Waiting = {
    waitsSince: () => pending.length > 0,
    pendingSince: () => pending,
    cutSilent: () => {
      givenUp += 1;
    },
  };
  watch.add(waiting);
});

const statement = (processId: number | null, bytesRead = 0): Pending => ({
  sentAtMs,
  connection: { processId, bytesRead },
  cut: ({ message }: SilentConnectionError) => cut.push(`${processId}: ${message.replace(/\d+/, 'n')}`),
});
const check = () => watch.check(performance.now());

test('O2: nothing is asked while nothing waits for long', async () => {
  await check();
  expect(asked).toEqual([]);
});

describe('O2: a connection that is silent alone', () => {
  test('is cut once the server’s process has nothing to do at two looks, and nothing has come in between', async () => {
    pending = [statement(1), statement(2), statement(null)];
    idle = async () => new Set([2]);
    await check();
    expect([asked, cut]).toEqual([[[1, 2]], []]);
    await check();
    expect(cut).toEqual(['2: the database did not answer a statement for n ms']);
  });

  test('is not cut while an answer arrives, nor while the statement runs', async () => {
    idle = async () => new Set([1]);
    for (let bytesRead = 0; bytesRead < 5; bytesRead++) {
      pending = [statement(1, bytesRead)];
      await check();
    }
    idle = async () => new Set();
    await check();
    idle = async () => new Set([1]);
    await check();
    expect(cut).toEqual([]);
  });
});

describe('O2: while not even a new connection is answered', () => {
  beforeEach(() => {
    pending = [statement(1)];
    idle = async () => null;
  });

  test('all that waits is given up, and nothing more is taken until a new connection is answered', async () => {
    expect(watch.refusal()).toBeNull();
    await check();
    expect([givenUp, changes]).toEqual([1, [true]]);
    expect(watch.refusal()).toMatchObject({ name: 'SilentConnectionError' });
    pending = [];
    await check();
    expect(watch.refusal()).not.toBeNull();
    idle = async () => new Set();
    await check();
    expect([watch.refusal(), givenUp, changes]).toEqual([null, 1, [true, false]]);
  });

  test('a look that gets no answer delays none that gets one', async () => {
    await check();
    idle = () => new Promise(() => {});
    void check();
    idle = async () => new Set();
    await check();
    expect(watch.refusal()).toBeNull();
  });

  test('nothing is given up where an earlier connection is answered meanwhile: only new ones get none', async () => {
    idle = async () => {
      watch.noteAnswer();
      return null;
    };
    await check();
    expect([givenUp, changes, watch.refusal()]).toEqual([0, [], null]);
  });
});
