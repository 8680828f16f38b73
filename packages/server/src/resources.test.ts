import { expect, test } from 'vitest';
import { createResources } from './resources.ts';

test('what was opened is closed in the opposite order, one after another', async () => {
  const order: string[] = [];
  const resources = createResources(() => {});
  for (const name of ['first', 'second', 'third']) {
    resources.add(name, async () => {
      order.push(`${name} begins`);
      await Promise.resolve();
      order.push(`${name} ends`);
    });
  }
  await resources.release();
  expect(order).toEqual(['third begins', 'third ends', 'second begins', 'second ends', 'first begins', 'first ends']);
});

test('the members of a group are closed at the same time, the last first, and nothing else meanwhile', async () => {
  const order: string[] = [];
  const resources = createResources(() => {});
  const closing = (name: string) => async () => {
    order.push(`${name} begins`);
    await Promise.resolve();
    order.push(`${name} ends`);
  };
  resources.add('first', closing('first'));
  const group = resources.group();
  resources.add('last', closing('last'));
  for (const name of ['a', 'b']) group.add(name, closing(name));
  await resources.release();
  expect(order.slice(0, 6)).toEqual(['last begins', 'last ends', 'b begins', 'a begins', 'b ends', 'a ends']);
  expect(order.slice(6)).toEqual(['first begins', 'first ends']);
});

test('every release runs whatever the others do; each error is told, and the first is what release rejects with', async () => {
  const closed: string[] = [];
  const told: [string, unknown][] = [];
  const resources = createResources((name, error) => told.push([name, error]));
  const [early, late] = [new Error('early'), new Error('late')];
  resources.add('a', async () => void closed.push('a'));
  resources.add('b', () => Promise.reject(late));
  resources.add('c', () => {
    throw early;
  });
  resources.add('d', async () => void closed.push('d'));
  await expect(resources.release()).rejects.toBe(early);
  expect(closed).toEqual(['d', 'a']);
  expect(told).toEqual([
    ['c', early],
    ['b', late],
  ]);
});

test('release is idempotent: calls during and after it share one promise', async () => {
  let releases = 0;
  const resources = createResources(() => {});
  resources.add('a', async () => void releases++);
  const first = resources.release();
  expect(resources.release()).toBe(first);
  await first;
  expect(resources.release()).toBe(first);
  expect(releases).toBe(1);
});

test('with nothing opened there is nothing to close', async () => {
  await expect(createResources(() => {}).release()).resolves.toBeUndefined();
});
