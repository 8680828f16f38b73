import { beforeEach, expect, test, vi } from 'vitest';
import { sideBySide } from './sideBySide.ts';

beforeEach(() => void vi.spyOn(console, 'error').mockReturnValue());

const ways = ['a', 'b', 'c'].map((name) => ({ name }));
const { signal } = new AbortController();

test('every way is measured once a round, and each round begins with another', async () => {
  const order: string[] = [];
  const measure = async ({ name }: { name: string }) => order.push(name);
  const courses = await sideBySide('work', ways, 4, measure, signal);
  expect(order.join('')).toBe('abcbcacababc');
  expect(courses.map(({ way, rounds }) => [way.name, rounds])).toEqual([
    ['a', [1, 6, 8, 10]],
    ['b', [2, 4, 9, 11]],
    ['c', [3, 5, 7, 12]],
  ]);
});

test('nothing more is measured once it is to stop', async () => {
  const stopping = new AbortController();
  const measured: string[] = [];
  const run = sideBySide(
    'work',
    ways,
    4,
    async ({ name }) => {
      measured.push(name);
      if (name === 'b') stopping.abort(new Error('stopped'));
    },
    stopping.signal,
  );
  await expect(run).rejects.toThrow('stopped');
  expect(measured).toEqual(['a', 'b']);
});
