import { expect, test } from 'vitest';
import type { Client } from './client.ts';
import { createNames } from './names.ts';

test('names that one picture lacks are asked for together, each once', async () => {
  const asked: unknown[] = [];
  const request = async (_document: unknown, variables: unknown) => {
    asked.push(variables);
    return {};
  };
  const names = createNames({ request: request as unknown as Client['request'] });
  for (const id of ['a', 'b', 'a']) names.ask(id);
  await expect.poll(() => names.arrivals.value).toBe(1);
  names.ask('c');
  await expect.poll(() => names.arrivals.value).toBe(2);
  expect(asked).toEqual([{ ids: ['a', 'b'] }, { ids: ['c'] }]);
});
