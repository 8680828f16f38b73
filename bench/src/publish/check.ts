import { Client } from 'pg';
import { BenchError } from '../benchError.ts';
import type { BenchServer } from '../benchServer.ts';
import { formatBody, isTaken } from '../reports/format.ts';
import { createReport, flippingPlugin, type Report } from '../reports/report.ts';
import type { Way } from './ways.ts';

/** Everything that a report changes in the database. */
interface Traces {
  readonly leaseRenewed: boolean;
  readonly pluginState: string;
  /** Events of the plugin, newest first. */
  readonly events: readonly string[];
  /** Number of events in the database. */
  readonly eventCount: number;
}

/**
 * Checks that a server does the work before it is measured, by three reports of one supervisor: each renews the lease;
 * each change is in the plugin's row and has one event; a report without a change has no event.
 *
 * @throws BenchError if the database says otherwise
 */
export async function check(
  way: Way,
  server: BenchServer,
  databaseUrl: string,
  plugins: number,
  signal: AbortSignal,
): Promise<void> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    for (const [isFlipped, event] of [
      [true, 'PLUGIN_STATE_CHANGED ERROR'],
      [true, undefined],
      [false, 'PLUGIN_STATE_CHANGED ACTIVE'],
    ] as const) {
      const report = createReport(0, plugins, isFlipped);
      await ageLease(client, report);
      const before = await readTraces(client, report);
      if (before.leaseRenewed) throw new BenchError('expected the lease to be old before the report');
      const response = await fetch(server.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: formatBody(way.format, report),
        signal,
      });
      const reply = await response.text();
      if (!isTaken(response.status, reply)) {
        throw new BenchError(`expected a report to be taken; got ${response.status} ${reply.slice(0, 1_000)}`);
      }
      requireEqual(await readTraces(client, report), {
        leaseRenewed: true,
        pluginState: isFlipped ? 'ERROR' : 'ACTIVE',
        events: event === undefined ? before.events : [event, ...before.events],
        eventCount: before.eventCount + (event === undefined ? 0 : 1),
      });
    }
  } finally {
    await client.end();
  }
}

function requireEqual(actual: Traces, expected: Traces): void {
  if (JSON.stringify(actual) === JSON.stringify(expected)) return;
  throw new BenchError(`expected a report to leave ${JSON.stringify(expected)}; got ${JSON.stringify(actual)}`);
}

const supervisorId = '(SELECT id FROM supervisors WHERE domain_id = $1 AND hostname = $2)';

async function ageLease(client: Client, { domainId, hostname }: Report): Promise<void> {
  await client.query(
    `UPDATE leases SET last_seen_at = now() - interval '1 hour', expires_at = now() + interval '1 minute'
     WHERE supervisor_id = ${supervisorId}`,
    [domainId, hostname],
  );
}

async function readTraces(client: Client, { domainId, hostname, plugins }: Report): Promise<Traces> {
  const plugin = plugins[flippingPlugin(0, plugins.length)];
  const { rows } = await client.query<Traces>(
    `SELECT
       l.last_seen_at > now() - interval '30 seconds' AND l.expires_at > now() + interval '2 minutes' AS "leaseRenewed",
       p.state AS "pluginState",
       ARRAY(SELECT kind || ' ' || "to" FROM events WHERE plugin_instance_id = p.id ORDER BY seq DESC) AS events,
       (SELECT count(*)::int FROM events) AS "eventCount"
     FROM leases l JOIN plugins p USING (supervisor_id)
     WHERE l.supervisor_id = ${supervisorId} AND p.plugin_id = $3`,
    [domainId, hostname, plugin?.pluginId],
  );
  const [row] = rows;
  if (rows.length !== 1 || row === undefined) throw new BenchError('expected one lease and one plugin');
  return row;
}
