import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createLoopTurns } from './loopTurns.ts';

/** Turns whose begins take as long as they say, and note their names. */
function openTurns() {
  let nowMs = 0;
  const begun: string[] = [];
  const timers = new Set<{ atMs: number; callback: () => void }>();
  const turns = createLoopTurns({
    now: () => nowMs,
    nextTurn: (callback) => void setImmediate(callback),
    after: (delayMs, callback) => timers.add({ atMs: nowMs + delayMs, callback }),
  });
  const pass = (ms: number) => {
    nowMs += ms;
    for (const timer of timers) {
      if (timer.atMs > nowMs) continue;
      timers.delete(timer);
      timer.callback();
    }
  };
  const run = (key: string, name: string, takesMs: number) =>
    turns.run(key, () => {
      nowMs += takesMs;
      begun.push(name);
      return name;
    });
  return { turns, begun, run, pass, timers };
}

test('W3: short begins are not put off', () => {
  const { begun, run } = openTurns();
  expect(run('a', 'a1', 1)).toBe('a1');
  expect(run('a', 'a2', 1)).toBe('a2');
  expect(begun).toEqual(['a1', 'a2']);
});

test('W3: begins that take long leave the event loop to others in between', async () => {
  const { begun, run } = openTurns();
  const all = Array.from({ length: 4 }, (_, index) => run('a', `a${index}`, 5));
  expect(begun).toEqual(['a0']);
  await nextTurn();
  expect(begun).toEqual(['a0', 'a1']);
  await nextTurn();
  expect(begun).toEqual(['a0', 'a1', 'a2']);
  expect(await Promise.all(all)).toEqual(['a0', 'a1', 'a2', 'a3']);
});

test('W3: a credential waits for one begin of each other, however many those have waiting', async () => {
  const { begun, run } = openTurns();
  const hostile = Array.from({ length: 20 }, (_, index) => run('hostile', `h${index}`, 5));
  const innocent = run('innocent', 'i', 1);
  expect(await innocent).toBe('i');
  expect(begun).toEqual(['h0', 'h1', 'i', 'h2'].slice(0, begun.length));
  await Promise.all(hostile);
  expect(begun).toHaveLength(21);
});

test('W3: a begin that fails later fails for its own request alone', async () => {
  const { turns, run } = openTurns();
  void run('a', 'long', 10);
  const failing = turns.run('a', () => {
    throw new Error('refused');
  });
  const next = run('a', 'next', 1);
  await expect(failing).rejects.toThrow('refused');
  expect(await next).toBe('next');
});

test('W3: begins of one credential that are long take no more than a third of the event loop', async () => {
  const { begun, run, pass } = openTurns();
  const hostile = Array.from({ length: 5 }, (_, index) => run('hostile', `h${index}`, 15));
  await nextTurn();
  expect(begun).toEqual(['h0', 'h1']);
  await nextTurn();
  expect(await run('innocent', 'i', 6)).toBe('i');
  expect(begun).toEqual(['h0', 'h1', 'i']);
  for (let turn = 0; turn < 3; turn += 1) {
    pass(45);
    await nextTurn();
    await nextTurn();
  }
  expect(begun).toEqual(['h0', 'h1', 'i', 'h2', 'h3', 'h4']);
  await Promise.all(hostile);
});

test('W3: a long begin is forgotten once its time is paid', async () => {
  const { run, pass, timers } = openTurns();
  for (let turn = 0; turn < 10; turn += 1) {
    expect(run('a', `a${turn}`, 15)).toBe(`a${turn}`);
    await nextTurn();
    pass(45);
  }
  expect(timers.size).toBe(0);
});
