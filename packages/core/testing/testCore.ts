import { randomBytes } from 'node:crypto';
import type { Database, OpenDatabaseOptions, Plugin, PluginState, Supervisor } from '@muster/db';
import { openForTests, openTestDatabase } from '@muster/db/testing';
import { type CoreInternals, internalsOf } from '../src/core.ts';
import {
  deregisterSupervisor,
  disableSupervisor,
  openCore,
  type PluginReport,
  type PublishResult,
  publishSupervisor,
  type Role,
  recoverPlugin,
  registerSupervisor,
  type Viewer,
} from '../src/index.ts';
import type { OpenCoreOptions } from '../src/openCore.ts';
import type { PublishInput } from '../src/report/publish.ts';
import type { SupervisorSituation } from '../src/supervisor/lifecycle.ts';
import { sweep } from '../src/sweep/sweep.ts';

export { capabilities } from '../src/access/policy.ts';
export { createRights } from '../src/access/rights.ts';
export { readLogBounds } from '../src/event/sql/readLogBounds.ts';
export { trimHistory } from '../src/event/trim.ts';
export { createTestHub, type TestHub, testLog } from './hub.ts';
export { createRandom, type Random } from './random.ts';
export { refusalOf } from './refusal.ts';

/** A core over its own database, whose clock only `advance` moves and which sweeps only by `sweep`. */
export interface TestCore {
  readonly core: CoreInternals;
  readonly db: Database;
  /** Moves the clock on. It is never put back: leases and deadlines of earlier tests pass with it. */
  advance(ms: number): void;
  close(): Promise<void>;
}

export type TestCoreOptions = Omit<OpenCoreOptions, 'clockOffsetMs' | 'sweeps'> & {
  database?: OpenDatabaseOptions;
  /** Whether the core's clock stands still between two calls of `advance`, however long the test takes. Default false. */
  stopsClock?: boolean;
};

/** A core for the tests that follow, closed after them. */
export function useTestCore(options?: TestCoreOptions): TestCore {
  return openForTests(
    () => openTestCore(options),
    (t) => t.close(),
  );
}

export async function openTestCore(options: TestCoreOptions = {}): Promise<TestCore> {
  const { database, stopsClock = false, ...own } = options;
  const db = await openTestDatabase(database);
  let offsetMs = 0;
  const startMs = Date.now();
  const clockOffsetMs = () => (stopsClock ? startMs - Date.now() : 0) + offsetMs;
  const { core, close } = await openReplica(db, { ...own, clockOffsetMs });
  return {
    core,
    db,
    advance: (ms) => {
      offsetMs += ms;
    },
    close: async () => {
      await close();
      await db.close();
    },
  };
}

/** A core over an open database, which may be one of several; it never sweeps by itself. */
export async function openReplica(
  db: Database,
  options: Omit<OpenCoreOptions, 'sweeps'> = {},
): Promise<{ core: CoreInternals; close(): Promise<void> }> {
  const { core, close } = await openCore(db, { ...options, sweeps: false });
  return { core: internalsOf(core), close };
}

/** Past every lease and every deadline of the default settings. */
export const pastLeaseMs = 301_000;
export const pastDeadlineMs = 601_000;

/*
 * A test's verbs, each by the product's own operations, but for the last:
 *   publish              an agent's publish           reportPlugin   the same, of one plugin alone
 *   tick (agent.ts)      an agent's tick: it fetches its list, and reports what is in it
 *   enabledSupervisor    a supervisor, ENABLED        supervisorIn   a supervisor in any situation
 *   pluginIn             a plugin in any state, on a new ENABLED supervisor
 *   insertManagedPlugin  a row written to the table
 */

/** A domain that no other test has, and somebody of each role in it. */
export interface TestDomain {
  readonly domainId: string;
  readonly viewer: Viewer;
  readonly operator: Viewer;
  readonly agent: Viewer;
  readonly admin: Viewer;
}

export function newDomain(): TestDomain {
  const domainId = `domain-${randomBytes(4).toString('hex')}`;
  const as = (role: Role): Viewer => ({ subject: `${role.toLowerCase()}@${domainId}`, role, domainId });
  return {
    domainId,
    viewer: as('VIEWER'),
    operator: as('OPERATOR'),
    agent: as('SUPERVISOR'),
    admin: { ...as('ADMIN'), domainId: null },
  };
}

/** An agent's publish with what every publish needs. */
export function publish(
  test: TestCore,
  domain: TestDomain,
  input: Partial<PublishInput> & { hostname: string },
  viewer = domain.agent,
): Promise<PublishResult> {
  return publishSupervisor(test.core, viewer, { name: input.hostname, domainId: domain.domainId, ...input });
}

/** An agent's publish of one plugin alone. */
export async function reportPlugin(
  test: TestCore,
  domain: TestDomain,
  hostname: string,
  plugin: Partial<PluginReport>,
): Promise<void> {
  await publish(test, domain, {
    hostname,
    plugins: [{ pluginId: 'collector', version: '1.0', state: 'ACTIVE', ...plugin }],
  });
}

/** A supervisor that has published and that an operator has registered: ENABLED. */
export async function enabledSupervisor(
  test: TestCore,
  domain: TestDomain,
  input: Partial<PublishInput> & { hostname: string },
): Promise<Supervisor> {
  const { supervisor } = await publish(test, domain, input);
  return registerSupervisor(test.core, domain.operator, { supervisorId: supervisor.id });
}

/** The id of a supervisor brought into a situation by operations alone, in the way that it comes about. */
export async function supervisorIn(
  test: TestCore,
  domain: TestDomain,
  situation: SupervisorSituation,
  hostname: string,
): Promise<string> {
  const { core } = test;
  const { supervisor } = await publish(test, domain, { hostname });
  const target = { supervisorId: supervisor.id };
  if (situation === 'UNKNOWN') {
    await deregisterSupervisor(core, domain.operator, target);
  } else if (situation !== 'PENDING' && situation !== 'DISCONNECTED_NEWCOMER') {
    await registerSupervisor(core, domain.operator, target);
  }
  if (situation === 'DISABLED') await disableSupervisor(core, domain.operator, target);
  if (situation.startsWith('DISCONNECTED')) {
    test.advance(pastLeaseMs);
    await sweep(core);
  }
  return supervisor.id;
}

/** Brings a plugin `collector 1.0` into a state by reports and recover, on a new ENABLED supervisor. */
export async function pluginIn(
  test: TestCore,
  domain: TestDomain,
  state: PluginState,
  hostname: string,
): Promise<{ supervisor: Supervisor; plugin: Plugin }> {
  const supervisor = await enabledSupervisor(test, domain, { hostname });
  const identity = { supervisorId: supervisor.id, pluginId: 'collector', version: '1.0' };
  await reportPlugin(test, domain, hostname, { state: state === 'RE_PROVISIONING' ? 'ACTIVE' : state });
  if (state === 'RE_PROVISIONING') await recoverPlugin(test.core, domain.operator, identity);
  const plugin = await test.db.prisma.plugin.findFirstOrThrow({ where: identity });
  return { supervisor, plugin };
}

/**
 * What `install` and a report would leave: a managed plugin, wanted, ACTIVE unless `values` say otherwise. Written to the
 * table, for supervisors that could be given none.
 */
export function insertManagedPlugin(
  test: TestCore,
  supervisor: Pick<Supervisor, 'id' | 'domainId'>,
  values: Partial<Omit<Plugin, 'id' | 'supervisorId' | 'placementLabels'>> = {},
): Promise<Plugin> {
  return test.db.prisma.plugin.create({
    data: {
      id: `instance-${randomBytes(8).toString('hex')}`,
      supervisorId: supervisor.id,
      domainId: supervisor.domainId,
      pluginId: 'collector',
      version: '1.0',
      state: 'ACTIVE',
      managed: true,
      ...values,
    },
  });
}

/** All that is stored of a domain, events included, in a form to compare. */
export async function everythingOf(test: TestCore, domain: TestDomain): Promise<unknown> {
  const [row] = await test.db.sql.query(
    `SELECT
      (SELECT jsonb_agg(to_jsonb(s) ORDER BY s.id) FROM supervisors s WHERE s.domain_id = $1) AS supervisors,
      (SELECT jsonb_agg(to_jsonb(p) ORDER BY p.id) FROM plugins p WHERE p.domain_id = $1) AS plugins,
      (SELECT jsonb_agg(to_jsonb(l) ORDER BY l.supervisor_id) FROM leases l
       JOIN supervisors s ON s.id = l.supervisor_id WHERE s.domain_id = $1) AS leases,
      (SELECT count(*)::int FROM events e WHERE e.domain_id = $1) AS events`,
    [domain.domainId],
  );
  return row;
}

/** Where each row of each table lies, by table: a row that was written, even with the same values, lies elsewhere. */
export async function rowPlaces(test: TestCore): Promise<Record<string, string>> {
  const places: Record<string, string> = {};
  for (const table of ['supervisors', 'plugins', 'leases', 'events']) {
    const [row] = await test.db.sql.query<{ places: string | null }>(
      `SELECT string_agg(concat(ctid, xmin), ' ' ORDER BY ctid) AS places FROM ${table}`,
    );
    places[table] = row?.places ?? '';
  }
  return places;
}

/** The events of a domain in their order, in brief: `SUPERVISOR_CREATED NONE>PENDING PUBLISHED by agent`. */
export async function eventsOf(test: TestCore, domain: TestDomain): Promise<string[]> {
  const events = await test.db.prisma.event.findMany({ where: { domainId: domain.domainId }, orderBy: { seq: 'asc' } });
  return events.map(({ kind, from, to, reason, actor }) =>
    [kind, ...(from === null ? [] : [`${from}>${to}`]), reason ?? '-', 'by', actor?.split('@')[0] ?? '-'].join(' '),
  );
}
