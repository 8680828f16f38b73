import type { Sql } from '@muster/db';
import { testDatabaseKind } from '@muster/db/testing';
import { beforeAll, describe, expect, test } from 'vitest';
import { useTestCore } from '../../testing/testCore.ts';
import type { Viewer } from '../access/viewer.ts';
import type { CoreInternals } from '../core.ts';
import { listEvents } from '../event/read.ts';
import { readEvents } from '../event/sql/readEvents.ts';
import { derivedFields } from '../jsonRead/derivedFields.ts';
import { readJson } from '../jsonRead/read.ts';
import { listPlugins, listPluginsOf, pluginOrderFields, pluginStats } from '../plugin/read.ts';
import { getLastSeen, listSupervisors, supervisorOrderFields, supervisorStats } from '../supervisor/read.ts';

const domains = 50;
const supervisorsADomain = 400;
const pluginsASupervisor = 2;

const domainId = 'domain-7';
const viewer: Viewer = { subject: 'test', role: 'VIEWER', domainId };
const admin: Viewer = { subject: 'test', role: 'ADMIN', domainId: null };
const someSupervisor = 'supervisor-000000002807';
const somePlugin = 'instance-0000000000005614';

// PGlite plans alike, and takes too long to create this many rows.
describe.runIf(testDatabaseKind() === 'postgresql')('with tens of thousands of rows', () => {
  const t = useTestCore();
  beforeAll(async () => {
    await t.db.sql.query(
      `INSERT INTO supervisors (id, domain_id, hostname, name, priority, labels)
       SELECT 'supervisor-' || lpad(i::text, 12, '0'), 'domain-' || i % $1::int, 'host-' || i, 'name-' || i % 997, i % 5,
         jsonb_build_object('env', 'e' || i % 500)
       FROM generate_series(0, $2::int - 1) AS i`,
      [domains, domains * supervisorsADomain],
    );
    await t.db.sql.query('INSERT INTO leases (supervisor_id, expires_at) SELECT id, now() FROM supervisors');
    await t.db.sql.query(
      `INSERT INTO plugins (id, supervisor_id, domain_id, plugin_id, version, state)
       SELECT 'instance-' || lpad(i::text, 16, '0'), s.id, s.domain_id, 'plugin-' || i % 20, '1.' || i,
         (CASE i % 50 WHEN 0 THEN 'ERROR' ELSE 'ACTIVE' END)::plugin_state
       FROM generate_series(0, $1::int - 1) AS i
       JOIN supervisors s ON s.id = 'supervisor-' || lpad((i / $2::int)::text, 12, '0')`,
      [domains * supervisorsADomain * pluginsASupervisor, pluginsASupervisor],
    );
    await t.db.sql.query('VACUUM ANALYZE');
  });

  const reads: Record<string, (core: CoreInternals) => Promise<unknown>> = {
    'supervisors of all domains': (core) => listSupervisors(core, admin, {}),
    'plugins of all domains': (core) => listPlugins(core, admin, {}),
    'how many supervisors a domain has': async (core) => (await listSupervisors(core, viewer, {})).totalCount(),
    'how many plugins a domain has': async (core) => (await listPlugins(core, viewer, {})).totalCount(),
    'supervisors by hostname': (core) => listSupervisors(core, viewer, { filter: { hostname: { eq: 'host-57' } } }),
    'supervisors by some names': (core) =>
      listSupervisors(core, viewer, { filter: { name: { in: ['name-1', 'name-2'] } } }),
    'supervisors of all domains by label': (core) =>
      listSupervisors(core, admin, { filter: { labels: { contains: { env: 'e7' } } } }),
    'plugins by state': (core) => listPlugins(core, viewer, { filter: { state: { eq: 'ERROR' } } }),
    'plugins by supervisor': (core) => listPlugins(core, viewer, { filter: { supervisorId: { eq: someSupervisor } } }),
    'plugins of supervisors': (core) =>
      listPluginsOf(core, { domainId }, [someSupervisor, 'supervisor-000000000057'], {}),
    'when supervisors were last heard of': (core) => getLastSeen(core, [someSupervisor]),
    'supervisors by state, counted': (core) => supervisorStats(core, viewer, { groupBy: ['STATE'] }),
    'plugins by state, counted': (core) => pluginStats(core, viewer, { groupBy: ['STATE'] }),
    'events of a domain': (core) => listEvents(core, viewer, { last: 20 }),
    'events of a supervisor': (core) =>
      listEvents(core, viewer, { last: 20, filter: { supervisorId: { eq: someSupervisor } } }),
    'events of a plugin': (core) =>
      listEvents(core, viewer, { last: 20, filter: { pluginInstanceId: { eq: somePlugin } } }),
    "the log's tail": (core) => readEvents(core.db.sql, 59_990, 100),
    'one supervisor and one plugin as JSON': (core) =>
      readJson(core, viewer, [
        {
          key: 'a',
          supervisor: { id: someSupervisor, members: [{ key: 'b', derived: derivedFields.supervisor.lastSeenAt }] },
        },
        { key: 'c', plugin: { id: somePlugin, members: [{ key: 'd', derived: derivedFields.plugin.supervisorName }] } },
      ]),
    'supervisors with their plugins and number as JSON': (core) =>
      readJson(core, viewer, [
        {
          key: 'a',
          supervisors: {
            input: {},
            parts: [
              { key: 'b', count: true },
              { key: 'c', nodes: [{ key: 'd', plugins: { input: {}, parts: [{ key: 'e', nodes: [] }] } }] },
            ],
          },
        },
      ]),
  };
  for (const field of Object.keys(supervisorOrderFields) as (keyof typeof supervisorOrderFields)[]) {
    reads[`supervisors by ${field}`] = (core) =>
      pages(listSupervisors, core, { orderBy: [{ field, direction: 'DESC' }] });
  }
  for (const field of Object.keys(pluginOrderFields) as (keyof typeof pluginOrderFields)[]) {
    reads[`plugins by ${field}`] = (core) => pages(listPlugins, core, { orderBy: [{ field, direction: 'ASC' }] });
  }

  test.each(Object.keys(reads))('%s: no big table is read from end to end', async (name) => {
    const statements: { text: string; values: readonly unknown[] }[] = [];
    await reads[name]?.(recording(t.core, statements));
    expect(statements.length).toBeGreaterThan(0);
    for (const { text, values } of statements) {
      expect(await tablesReadWhole(t.db.sql, text, values), text).toEqual([]);
    }
  });
});

/** The first page and the one after it. */
async function pages<Input extends object>(
  list: (core: CoreInternals, viewer: Viewer, input: Input) => Promise<{ pageInfo: { endCursor: string | null } }>,
  core: CoreInternals,
  input: Input,
): Promise<void> {
  const { pageInfo } = await list(core, viewer, input);
  await list(core, viewer, { ...input, after: pageInfo.endCursor });
}

/** The same core, which also tells what it asks the database. */
function recording(core: CoreInternals, statements: { text: string; values: readonly unknown[] }[]): CoreInternals {
  const sql: Sql = {
    query: (statement, values = []) => {
      statements.push({ text: typeof statement === 'string' ? statement : statement.text, values });
      return core.db.sql.query(statement, values);
    },
  };
  return { ...core, db: { ...core.db, sql, shortSql: sql } };
}

/** The log's one row, and the partition of later events, which is empty. */
const smallTables = new Set(['event_log', 'events_5000000']);

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly Plans?: readonly PlanNode[];
}

async function tablesReadWhole(sql: Sql, text: string, values: readonly unknown[]): Promise<string[]> {
  const [row] = await sql.query<{ 'QUERY PLAN': { Plan: PlanNode }[] }>(`EXPLAIN (FORMAT JSON) ${text}`, values);
  const scanned: string[] = [];
  const walk = (node: PlanNode): void => {
    const table = node['Relation Name'];
    if (node['Node Type'] === 'Seq Scan' && table && !smallTables.has(table)) scanned.push(table);
    node.Plans?.forEach(walk);
  };
  for (const { Plan } of row?.['QUERY PLAN'] ?? []) walk(Plan);
  return scanned;
}
