import { expect, test } from 'vitest';
import { keepAsking } from './keepAsking.ts';

/** Asks until each connection has had this many answers, and returns which requests it sent. */
async function requestsSent(connections: number, requests: number, each: number): Promise<number[][]> {
  const sent = Array.from({ length: connections }, (): number[] => []);
  const enough = new Error('enough');
  const ask = async (connection: number[], index: number) => {
    if (connection.length === each) throw enough;
    connection.push(index);
  };
  await expect(keepAsking({ connections: sent, requests, ms: 60_000, ask })).rejects.toBe(enough);
  return sent;
}

test('each connection sends its own share of the requests, in a circle', async () => {
  const [first, second] = await requestsSent(2, 5, 6);
  expect(first).toEqual([0, 2, 4, 0, 2, 4]);
  expect(second?.slice(0, 4)).toEqual([1, 3, 1, 3]);
});

test('with fewer requests than connections, connections share them', async () => {
  const [first, second] = await requestsSent(2, 1, 2);
  expect(first).toEqual([0, 0]);
  expect(new Set(second)).toEqual(new Set([0]));
});

test('the result counts the answers, however they interleave', async () => {
  let answers = 0;
  const ask = async () => {
    answers += 1;
    await new Promise((resolve) => setImmediate(resolve));
  };
  const result = await keepAsking({ connections: [1, 2, 3], requests: 3, ms: 5, ask });
  expect(result).toMatchObject({ requests: answers, errors: 0 });
  expect(result.p50Ms).toBeLessThanOrEqual(result.p99Ms);
});
