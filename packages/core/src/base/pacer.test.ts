import { setImmediate } from 'node:timers/promises';
import { beforeEach, describe, expect, test } from 'vitest';
import { createPacer, type Pacer } from './pacer.ts';

let turns: (() => void)[];
let pacer: Pacer;
let done: string[];
beforeEach(() => {
  turns = [];
  done = [];
  pacer = createPacer((callback) => turns.push(callback));
});

/** Takes points, and notes the key once the work may go on. */
function work(key: string, points: number): void {
  const wait = pacer.take(key, points);
  if (wait) void wait.then(() => done.push(key));
  else done.push(key);
}

/** Begins the event loop's next turn. */
async function nextTurn(): Promise<void> {
  const [callback, ...others] = turns.splice(0);
  expect(others).toEqual([]);
  callback?.();
  await setImmediate();
}

describe('W3: long work', () => {
  test('goes on at once until a turn is used up, and then in the next', async () => {
    for (let i = 0; i < 5; i++) work('a', 3_000);
    expect(done).toHaveLength(2);
    await nextTurn();
    expect(done).toHaveLength(4);
    await nextTurn();
    expect(done).toHaveLength(5);
    await nextTurn();
    expect(turns).toEqual([]);
  });

  test('of one key waits for no more than a part of the work of another', async () => {
    for (let i = 0; i < 10; i++) work('many', 3_000);
    work('one', 3_000);
    done.length = 0;
    await nextTurn();
    expect(done).toEqual(['many', 'one']);
    for (let i = 0; i < 4; i++) await nextTurn();
    expect(done.slice(2)).toEqual(Array.from({ length: 7 }, () => 'many'));
  });

  test('that takes more than a turn has uses one up, and never waits for good', async () => {
    work('a', 100_000);
    work('a', 1);
    expect(done).toEqual(['a']);
    await nextTurn();
    expect(done).toEqual(['a', 'a']);
  });
});
