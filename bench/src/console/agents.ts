import { Pool } from 'undici';
import { BenchError } from '../benchError.ts';
import { post } from '../load/post.ts';
import { isTaken } from '../reports/format.ts';
import type { Report } from '../reports/report.ts';

/** The agents of the supervisors that are shown. */
export interface Agents {
  /** Publishes a heartbeat with a new label: one event. @throws BenchError if the report is not taken */
  publishLabel(report: Report, value: string): Promise<void>;
  close(): Promise<void>;
}

const query = `mutation ($input: PublishSupervisorInput!) {
  publishSupervisor(input: $input) { supervisor { id } rejected { message } }
}`;

/** @param url the server's GraphQL endpoint */
export function createAgents(url: string, connections: number): Agents {
  const { origin, pathname } = new URL(url);
  const pool = new Pool(origin, { connections, pipelining: 1 });
  return {
    publishLabel: async ({ domainId, hostname, name }, value) => {
      const input = { domainId, hostname, name, labels: { bench: value } };
      const { status, text } = await post(pool, pathname, JSON.stringify({ query, variables: { input } }));
      if (!isTaken(status, text)) throw new BenchError(`expected a report to be taken; got ${status} ${text}`);
    },
    close: () => pool.close(),
  };
}
