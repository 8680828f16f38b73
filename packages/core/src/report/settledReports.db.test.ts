import type { Sql } from '@muster/db';
import { testDatabaseKind } from '@muster/db/testing';
import { propertyRuns } from '@muster/db/testing/propertyRuns';
import { testSeed } from '@muster/db/testing/seed';
import { describe, expect, test } from 'vitest';
import { tryAction } from '../../testing/model/tryAction.ts';
import { createRandom, type Random } from '../../testing/random.ts';
import { pluginRow, reportRow } from '../../testing/reportRows.ts';
import { enabledSupervisor, newDomain, publish, type TestDomain, useTestCore } from '../../testing/testCore.ts';
import { newPluginInstanceId } from '../base/ids.ts';
import { defaultSettings } from '../base/settings.ts';
import { newSalt, secretDigest } from '../identity/secret.ts';
import {
  blockHostname,
  cordonSupervisor,
  deregisterSupervisor,
  disableSupervisor,
  enableSupervisor,
  installPlugin,
  listAssignments,
  type PluginReport,
  preregisterSupervisor,
  recoverPlugin,
  registerSupervisor,
  resetSupervisorSecret,
  unblockHostname,
  uninstallPlugin,
  updateSupervisor,
} from '../index.ts';
import { sweep } from '../sweep/sweep.ts';
import { publishPolicy } from './reportBatcher.ts';
import { createReportDigest } from './reportDigest.ts';
import { publishReports, publishStatement } from './sql/publishReports.ts';
import { renewSettled } from './sql/renewSettled.ts';
import type { ReportedPluginRow, ReportRow } from './sql/reportRow.ts';

const t = useTestCore({ stopsClock: true, database: { onQuery: (text) => queries.push(text) } });
const queries: string[] = [];

const hostname = 'host-1';
const plugins: PluginReport[] = [
  { pluginId: 'collector', version: '1.0', state: 'ACTIVE', endpoint: 'grpc://a:1' },
  { pluginId: 'sender', version: '2.0', state: 'PROVISIONING' },
];

/** Whether reports went the way of those that may change something. */
async function goesTheLongWay(work: () => Promise<unknown>): Promise<boolean> {
  queries.length = 0;
  await work();
  return queries.includes(publishStatement.text);
}

describe('L2: a report that changed nothing when it last came', () => {
  test('is answered by the lease alone, until a plugin of its supervisor is changed by anybody', async () => {
    const domain = newDomain();
    const { id: supervisorId } = await enabledSupervisor(t, domain, { hostname });
    const report = (name = hostname) => goesTheLongWay(() => publish(t, domain, { hostname, name, plugins }));
    expect([await report(), await report(), await report(), await report()]).toEqual([true, true, false, false]);
    await recoverPlugin(t.core, domain.operator, { supervisorId, pluginId: 'collector', version: '1.0' });
    // P3: the report is of the time before the recover, and changes nothing; so it is settled anew.
    expect([await report(), await report()]).toEqual([true, false]);
    await installPlugin(t.core, domain.operator, { supervisorId, pluginId: 'third', version: '1.0' });
    expect([await report(), await report()]).toEqual([true, false]);
    await t.db.sql.query('UPDATE plugins SET missing_reports = 1 WHERE supervisor_id = $1', [supervisorId]);
    expect([await report(), await report(), await report()]).toEqual([true, true, false]);
  });

  test('goes the long way with another plugin, and where one is absent or refused', async () => {
    const domain = newDomain();
    await enabledSupervisor(t, domain, { hostname });
    const report = (reported: PluginReport[]) =>
      goesTheLongWay(() => publish(t, domain, { hostname, plugins: reported }));
    for (let i = 0; i < 3; i += 1) await report(plugins);
    for (let i = 0; i < 3; i += 1) expect(await report(plugins.slice(0, 1))).toBe(true);
    const foreign = { pluginId: 'foreign', version: '1.0', state: 'ACTIVE' as const, domainId: 'another' };
    for (let i = 0; i < 4; i += 1) expect(await report([...plugins, foreign])).toBe(true);
  });

  test('goes the long way for what is said of the supervisor: a secret, a run, a name', async () => {
    const domain = newDomain();
    const report = (input: object) => goesTheLongWay(() => publish(t, domain, { hostname, plugins, ...input }));
    for (let i = 0; i < 3; i += 1) await report({});
    expect(await report({})).toBe(false);
    expect(await report({ name: 'another' })).toBe(true);
    expect(await report({ name: 'another' })).toBe(false);
    expect(await report({ name: 'another', bootId: 'one', sequence: 1 })).toBe(true);
    expect(await report({ name: 'another', bootId: 'one', sequence: 2 })).toBe(false);
    expect(await report({ name: 'another', bootId: 'one', sequence: 2 })).toBe(true);
  });

  test.runIf(testDatabaseKind() === 'postgresql')(
    'waits for nobody who holds its supervisor or plugins (PGlite runs one transaction at a time)',
    async () => {
      const domain = newDomain();
      const { id } = await enabledSupervisor(t, domain, { hostname });
      for (let i = 0; i < 3; i += 1) await publish(t, domain, { hostname, plugins });
      await t.db.transaction(async (sql) => {
        await sql.query('SELECT FROM supervisors WHERE id = $1 FOR UPDATE', [id]);
        await sql.query('SELECT FROM plugins WHERE supervisor_id = $1 FOR UPDATE', [id]);
        await publish(t, domain, { hostname, plugins });
      });
    },
  );
});

/** Carries the answer out of a transaction that is undone. */
class Undone extends Error {
  readonly answer: unknown;

  constructor(answer: unknown) {
    super('undone');
    this.answer = answer;
  }
}

/** The result of `work` in a transaction that is undone. */
async function undone(work: (sql: Sql) => Promise<unknown>): Promise<unknown> {
  try {
    return await t.db.transaction(async (sql) => {
      throw new Undone(await work(sql));
    });
  } catch (error) {
    if (error instanceof Undone) return error.answer;
    throw error;
  }
}

/** All that a report leaves, within its transaction: the rows and where they lie, and the events. */
async function left(
  sql: Sql,
  { domainId, hostname: host, leaseMs }: ReportRow,
  clockOffsetMs: number,
): Promise<unknown> {
  await sql.query('SET CONSTRAINTS ALL IMMEDIATE');
  const [row] = await sql.query(
    `WITH moment AS (SELECT now() + $2::float8 * interval '1 millisecond' AS now)
    SELECT
      (SELECT jsonb_agg(to_jsonb(s) || jsonb_build_object('place', concat(s.ctid, s.xmin)) ORDER BY s.id)
       FROM supervisors s WHERE s.domain_id = $1) AS supervisors,
      (SELECT jsonb_agg(to_jsonb(p) || jsonb_build_object('place', concat(p.ctid, p.xmin)) ORDER BY p.id)
       FROM plugins p WHERE p.domain_id = $1) AS plugins,
      -- The times of a lease that is renewed are the transaction's, and differ between two of them.
      (SELECT jsonb_agg(CASE WHEN s.hostname = $4 THEN to_jsonb(l) || jsonb_build_object(
           'expires_at', l.expires_at = (m.now + $3::float8 * interval '1 millisecond')::timestamptz(3),
           'last_seen_at', l.last_seen_at = m.now::timestamptz(3))
         ELSE to_jsonb(l) END ORDER BY l.supervisor_id)
       FROM leases l JOIN supervisors s ON s.id = l.supervisor_id CROSS JOIN moment m
       WHERE s.domain_id = $1) AS leases,
      (SELECT jsonb_build_object('count', count(*), 'last', max(e.seq)) FROM events e WHERE e.domain_id = $1) AS events`,
    [domainId, clockOffsetMs, leaseMs, host],
  );
  return row;
}

const digestOf = createReportDigest(defaultSettings);

/** Takes a report by both ways, each on what the other left untouched; says whether the short way took it. */
async function takeByBoth(report: ReportRow, reported: readonly ReportedPluginRow[]): Promise<boolean> {
  const clockOffsetMs = t.core.clockOffsetMs();
  const digest = report.hasPlugins ? digestOf(reported) : null;
  const batch = {
    reports: [{ ...report, digest }],
    plugins: reported,
    ...publishPolicy(t.core.settings, clockOffsetMs),
  };
  const byLong = await undone(async (sql) => {
    const [answer] = await publishReports(sql, batch);
    // A heartbeat without plugins is never noted.
    const isSettled = answer?.settled || !report.hasPlugins;
    return { ...answer, settled: isSettled, left: await left(sql, report, clockOffsetMs) };
  });
  const byShort = await t.db.transaction(async (sql) => {
    const [renewed] = await renewSettled(sql, batch.reports, clockOffsetMs);
    if (!renewed) return null;
    const answer = { status: 'ACCEPTED', refusedPlugins: null, settled: true };
    return { ...renewed, ...answer, left: await left(sql, report, clockOffsetMs) };
  });
  if (byShort === null) await publishReports(t.db.sql, batch);
  else expect(byShort).toEqual(byLong);
  return byShort !== null;
}

const hostnames = ['a', 'b'] as const;
const identities = [
  { pluginId: 'collector', version: '1.0' },
  { pluginId: 'collector', version: '2.0' },
  { pluginId: 'sender', version: '1.0' },
];

/** A domain in which anything may happen between reports. */
class World {
  readonly told: string[] = [];
  readonly domain: TestDomain = newDomain();
  readonly random: Random;
  readonly #last = new Map<string, { report: ReportRow; reported: ReportedPluginRow[] }>();
  renewed = 0;

  constructor(seed: number) {
    this.random = createRandom(seed);
  }

  /** The supervisor of any host; the id of none where there is none. */
  async target(): Promise<{ supervisorId: string }> {
    const where = { domainId: this.domain.domainId, hostname: this.random.one(hostnames) };
    const found = await t.db.prisma.supervisor.findFirst({ where, select: { id: true } });
    return { supervisorId: found?.id ?? 'supervisor-000000000000' };
  }

  /** Mostly the host's last report, once more. */
  async report(): Promise<void> {
    const { random, domain } = this;
    const host = random.one(hostnames);
    const last = this.#last.get(host);
    const next = last && random.below(5) > 0 ? last : { report: this.#newReport(host), reported: this.#newPlugins() };
    const { bootId, sequence } = next.report;
    const report = {
      ...next.report,
      supervisorId: reportRow(domain, host).supervisorId,
      sequence: bootId === null || sequence === null ? null : sequence + random.below(4) - 1,
    };
    const reported = report.hasPlugins
      ? next.reported.map((plugin) => ({ ...plugin, instanceId: newPluginInstanceId() }))
      : [];
    this.#last.set(host, { report, reported: next.reported });
    this.told.push(`report(${host})`);
    if (await takeByBoth(report, reported)) this.renewed += 1;
  }

  #newReport(host: string): ReportRow {
    const { random } = this;
    const secret = random.one([null, null, null, 'right', 'wrong']);
    return reportRow(this.domain, host, {
      name: random.one([host, host, 'other']),
      isPublic: random.one([null, null, false]),
      labels: random.one([null, null, { a: 1 }]),
      tags: random.one([null, null, { b: [2] }]),
      secretDigest: secret === null ? null : secretDigest(secret),
      salt: secret === null ? null : newSalt(),
      actor: random.one(['agent', 'another']),
      bootId: random.one([null, 'one', 'one', 'two']),
      sequence: random.one([null, 5]),
      hasPlugins: random.below(6) > 0,
      leaseMs: random.one([300_000, 300_000, 600_000]),
    });
  }

  #newPlugins(): ReportedPluginRow[] {
    const { random, domain } = this;
    return random.some([...identities, ...identities.slice(0, 1)].slice(random.below(2), 3)).map((identity) => {
      const endpoint = random.one([null, 'grpc://x:1', 'grpc://x:1', 'grpc://y:1']);
      return pluginRow({
        ...identity,
        domainId: random.one([null, null, null, null, domain.domainId, domain.domainId, 'another']),
        state: random.one(['ACTIVE', 'ACTIVE', 'ACTIVE', 'PROVISIONING', 'RE_PROVISIONING', 'ERROR']),
        endpoint,
        endpoints: endpoint === null ? [] : [endpoint],
        message: random.one([null, null, 'slow']),
        observedGeneration: random.one([null, null, 1, 2]),
      });
    });
  }
}

const actions: Readonly<Record<string, (world: World) => Promise<unknown>>> = {
  report: (world) => world.report(),
  list: ({ domain, random }) => listAssignments(t.core, domain.agent, { hostname: random.one(hostnames) }),
  pass: async ({ random }) => t.advance(random.one([1_000, 20_000, 31_000, 61_000, 301_000, 601_000])),
  sweep: () => sweep(t.core),
  register: async (world) => registerSupervisor(t.core, world.domain.operator, await world.target()),
  preregister: ({ domain, random }) =>
    preregisterSupervisor(t.core, domain.operator, { hostname: random.one(hostnames) }),
  enable: async (world) => enableSupervisor(t.core, world.domain.operator, await world.target()),
  disable: async (world) => disableSupervisor(t.core, world.domain.operator, await world.target()),
  deregister: async (world) =>
    deregisterSupervisor(t.core, world.domain.operator, { ...(await world.target()), force: true }),
  cordon: async (world) => cordonSupervisor(t.core, world.domain.operator, await world.target()),
  name: async (world) =>
    updateSupervisor(t.core, world.domain.operator, { ...(await world.target()), name: world.random.one(['x', 'y']) }),
  resetSecret: async (world) =>
    resetSupervisorSecret(t.core, world.domain.admin, { ...(await world.target()), domainId: world.domain.domainId }),
  block: ({ domain, random }) => blockHostname(t.core, domain.operator, { hostname: random.one(hostnames) }),
  unblock: async ({ domain }) => {
    for (const each of hostnames) await unblockHostname(t.core, domain.operator, { hostname: each });
  },
  install: async (world) =>
    installPlugin(t.core, world.domain.operator, { ...(await world.target()), ...world.random.one(identities) }),
  uninstall: async (world) =>
    uninstallPlugin(t.core, world.domain.operator, { ...(await world.target()), ...world.random.one(identities) }),
  recover: async (world) =>
    recoverPlugin(t.core, world.domain.operator, { ...(await world.target()), ...world.random.one(identities) }),
};
const names = Object.keys(actions);

test('L2, P3 to P6, S3, S6, S8, S12: whatever came before, a report that is answered by its lease alone leaves the rows and events, and has the answer, that it would have by the long way', async () => {
  let renewed = 0;
  for (let run = 0; run < propertyRuns(10); run += 1) {
    const world = new World(testSeed() + run);
    try {
      for (let step = 0; step < 50; step += 1) {
        await tryAction(world, actions, world.random.below(3) > 0 ? 'report' : world.random.one(names));
      }
    } catch (error) {
      throw new Error(`with the seed ${testSeed()}, run ${run}, after ${world.told.join(' ')}`, { cause: error });
    }
    renewed += world.renewed;
  }
  // Otherwise the two ways were not compared.
  expect(renewed).toBeGreaterThan(0);
});
