import { isDeepStrictEqual } from 'node:util';
import { Client } from 'pg';
import { BenchError } from '../benchError.ts';
import type { StandIn } from '../standIn.ts';
import { bodiesOf } from './bodies.ts';
import { answers } from './servers/statements.ts';
import type { Way } from './ways.ts';
import { type Workload, workloads } from './workloads.ts';

/** Sends a server one request of each workload, and sees that its answer is the database's before it is measured. */
export async function check(
  way: Way,
  server: StandIn,
  databaseUrl: string,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    for (const workload of workloads) {
      const expected = await expectedOf(client, workload, ids);
      const response = await fetch(server.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: bodiesOf(way.format, workload, ids)[0] ?? '',
        signal,
      });
      const came = await response.text();
      if (response.status !== 200 || !isDeepStrictEqual(meaningOf(came), meaningOf(expected))) {
        throw new BenchError(`${workload.name}: expected ${expected.slice(0, 600)}; got ${came.slice(0, 600)}`);
      }
    }
  } finally {
    await client.end();
  }
}

async function expectedOf(client: Client, { name, isById }: Workload, ids: readonly string[]): Promise<string> {
  if (name === 'empty') return '{"data":{"__typename":"Query"}}';
  const { rows } = await client.query<{ text: string }>(answers[name], isById ? [ids[0]] : []);
  return rows[0]?.text ?? '';
}

/** What an answer says; moments may be written in any way. */
function meaningOf(answer: string): unknown {
  return JSON.parse(answer, (key, value) => (key === 'createdAt' ? Date.parse(value) : value));
}
