import { isDeepStrictEqual } from 'node:util';
import { Client } from 'pg';
import { BenchError } from '../benchError.ts';
import type { BenchServer } from '../benchServer.ts';
import { createBodies } from './bodies.ts';
import { answers } from './servers/statements.ts';
import type { Way } from './ways.ts';
import { type Workload, workloads } from './workloads.ts';

/**
 * Checks a server before it is measured, by one request of each workload.
 *
 * @throws BenchError if an answer isn't the database's
 */
export async function check(
  way: Way,
  server: BenchServer,
  databaseUrl: string,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    for (const workload of workloads) {
      const expected = await readExpected(client, workload, ids);
      const response = await fetch(server.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: createBodies(way.format, workload, ids)[0] ?? '',
        signal,
      });
      const actual = await response.text();
      if (response.status !== 200 || !isDeepStrictEqual(parseAnswer(actual), parseAnswer(expected))) {
        throw new BenchError(`${workload.name}: expected ${expected.slice(0, 600)}; got ${actual.slice(0, 600)}`);
      }
    }
  } finally {
    await client.end();
  }
}

async function readExpected(client: Client, { name, isById }: Workload, ids: readonly string[]): Promise<string> {
  if (name === 'empty') return '{"data":{"__typename":"Query"}}';
  const { rows } = await client.query<{ text: string }>(answers[name], isById ? [ids[0]] : []);
  return rows[0]?.text ?? '';
}

/** Parses an answer; instants may have any format. */
function parseAnswer(answer: string): unknown {
  return JSON.parse(answer, (key, value) => (key === 'createdAt' ? Date.parse(value) : value));
}
