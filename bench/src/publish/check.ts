import { Client } from 'pg';
import { BenchError } from '../benchError.ts';
import { bodyOf, isTaken } from '../reports/format.ts';
import { flippingPlugin, type Report, reportOf } from '../reports/report.ts';
import type { PublishServer, Way } from './ways.ts';

/** What a report is to leave in the database, and all that it may. */
interface Traces {
  readonly leaseRenewed: boolean;
  readonly pluginState: string;
  /** Of this plugin, newest first. */
  readonly events: readonly string[];
  /** Of the whole database. */
  readonly eventCount: number;
}

/**
 * Sends a server three reports of one supervisor, and sees that it does the work before it is measured: each renews the
 * lease, each change is in the plugin's row and has one event, and a report without one has none.
 */
export async function check(
  way: Way,
  server: PublishServer,
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
      const report = reportOf(0, plugins, isFlipped);
      await ageLease(client, report);
      const before = await traces(client, report);
      if (before.leaseRenewed) throw new BenchError('expected the lease to be old before the report');
      const response = await fetch(server.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: bodyOf(way.format, report),
        signal,
      });
      const reply = await response.text();
      if (!isTaken(response.status, reply)) {
        throw new BenchError(`expected a report to be taken; got ${response.status} ${reply.slice(0, 1_000)}`);
      }
      compare(await traces(client, report), {
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

function compare(came: Traces, expected: Traces): void {
  if (JSON.stringify(came) === JSON.stringify(expected)) return;
  throw new BenchError(`expected a report to leave ${JSON.stringify(expected)}; got ${JSON.stringify(came)}`);
}

const supervisorId = '(SELECT id FROM supervisors WHERE domain_id = $1 AND hostname = $2)';

async function ageLease(client: Client, { domainId, hostname }: Report): Promise<void> {
  await client.query(
    `UPDATE leases SET last_seen_at = now() - interval '1 hour', expires_at = now() + interval '1 minute'
     WHERE supervisor_id = ${supervisorId}`,
    [domainId, hostname],
  );
}

async function traces(client: Client, { domainId, hostname, plugins }: Report): Promise<Traces> {
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
