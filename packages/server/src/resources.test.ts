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
