import { expect, test } from 'vitest';
import { createPacer } from './pacer.ts';
import { turnToSerialise } from './turnToSerialise.ts';

test('W3: a small answer is serialised at once', () => {
  expect(turnToSerialise(createPacer(), 'a', 1_000)).toBeUndefined();
});

test('W3: before a large answer is serialised other work has its turn, and between two of them', async () => {
  const turns: (() => void)[] = [];
  const pacer = createPacer((callback) => void turns.push(callback));
  const done: string[] = [];
  const waits = ['a', 'b'].map(async (key) => {
    await turnToSerialise(pacer, key, 8_000_000);
    done.push(key);
  });
  const afterTurn = async () => {
    turns.shift()?.();
    await new Promise(setImmediate);
    return [...done];
  };
  const seen: string[][] = [];
  while (done.length < 2) seen.push(await afterTurn());
  await Promise.all(waits);
  expect(seen[0]).toEqual([]);
  expect(seen.filter((each) => each.length === 1)).not.toEqual([]);
});
