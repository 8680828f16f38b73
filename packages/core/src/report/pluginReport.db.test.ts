import { testDatabaseKind } from '@muster/db/testing';
import { describe, expect, test } from 'vitest';
import {
  enabledSupervisor,
  eventsOf,
  insertManagedPlugin,
  newDomain,
  pluginIn,
  publish,
  refusalOf,
  reportPlugin,
  rowPlaces,
  supervisorIn,
  type TestDomain,
  useTestCore,
} from '../../testing/testCore.ts';
import { newSalt } from '../identity/secret.ts';
import { recoverPlugin } from '../plugin/recover.ts';
import { publishReports } from './sql/publishReports.ts';
import type { ReportedPluginRow } from './sql/reportRow.ts';

const t = useTestCore();

const hostname = 'host-1';
const identity = { pluginId: 'collector', version: '1.0' };

const pluginsOf = (domain: TestDomain) =>
  t.db.prisma.plugin.findMany({ where: { domainId: domain.domainId }, orderBy: [{ pluginId: 'asc' }] });

describe('P2: recover needs an ENABLED supervisor', () => {
  test.each(['PENDING', 'DISABLED', 'DISCONNECTED_REGISTERED', 'DISCONNECTED_NEWCOMER'] as const)(
    'RECOVER_NOT_SUPPORTED, and nothing changes, while it is %s',
    async (situation) => {
      const domain = newDomain();
      const supervisorId = await supervisorIn(t, domain, situation, hostname);
      const plugin = await insertManagedPlugin(t, { id: supervisorId, domainId: domain.domainId });
      const refusal = await refusalOf(recoverPlugin(t.core, domain.operator, { supervisorId, ...identity }));
      const state = situation.split('_')[0];
      expect(refusal.code).toBe('RECOVER_NOT_SUPPORTED');
      expect(refusal.message).toBe(`expected supervisor ${supervisorId} to be ENABLED; its state is ${state}`);
      expect(await pluginsOf(domain)).toEqual([plugin]);
    },
  );
});

describe('P3: a report counts for the current generation only', () => {
  test('a report of an earlier generation never changes a plugin, whatever its state', async () => {
    const domain = newDomain();
    const { supervisor } = await pluginIn(t, domain, 'ACTIVE', hostname);
    const target = { supervisorId: supervisor.id, ...identity };
    await recoverPlugin(t.core, domain.operator, target);
    await reportPlugin(t, domain, hostname, { state: 'ERROR', observedGeneration: 2 });
    const [failed] = await pluginsOf(domain);
    await reportPlugin(t, domain, hostname, { state: 'ACTIVE', observedGeneration: 1, endpoint: 'grpc://old:1' });
    expect(await pluginsOf(domain)).toEqual([failed]);
  });

  test('a fresh report is remembered as the observed generation, a stale one is not', async () => {
    const domain = newDomain();
    const { supervisor } = await pluginIn(t, domain, 'ACTIVE', hostname);
    await recoverPlugin(t.core, domain.operator, { supervisorId: supervisor.id, ...identity });
    expect(await pluginsOf(domain)).toMatchObject([{ generation: 2, observedGeneration: 1 }]);
    await reportPlugin(t, domain, hostname, { state: 'PROVISIONING', observedGeneration: 1 });
    expect(await pluginsOf(domain)).toMatchObject([{ generation: 2, observedGeneration: 1 }]);
    await reportPlugin(t, domain, hostname, { state: 'PROVISIONING', observedGeneration: 2 });
    expect(await pluginsOf(domain)).toMatchObject([
      { generation: 2, observedGeneration: 2, state: 'RE_PROVISIONING', reason: 'RECOVER_REQUESTED' },
    ]);
  });
});

const onPostgres = testDatabaseKind() === 'postgresql';
describe.runIf(onPostgres)(
  'P3: a report in flight when recover commits (PGlite has one connection, so never one in flight)',
  () => {
    /** Holds the plugin's row by a recover that is not committed, and runs `inFlight` until it waits for that row. */
    async function duringRecover(plugin: { id: string }, inFlight: () => Promise<unknown>): Promise<void> {
      const done = await t.db.transaction(async (sql) => {
        await sql.query(
          `UPDATE plugins SET generation = generation + 1, state = 'RE_PROVISIONING', reason = 'RECOVER_REQUESTED',
           missing_reports = 0, missing_since = NULL, deadline_at = now() + interval '1 h' WHERE id = $1`,
          [plugin.id],
        );
        const [own] = await sql.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
        const running = inFlight();
        await somebodyWaitsFor(own?.pid ?? 0);
        // Boxed: a promise returned from an async function would be awaited here, inside the transaction.
        return { running };
      });
      await done.running;
    }

    async function somebodyWaitsFor(pid: number): Promise<void> {
      for (;;) {
        const waiting = await t.db.sql.query(
          'SELECT FROM pg_stat_activity WHERE $1::int = ANY(pg_blocking_pids(pid))',
          [pid],
        );
        if (waiting.length > 0) return;
      }
    }

    const states = ['ACTIVE', 'ERROR', 'PROVISIONING'] as const;
    test.each(states)(
      'that it is %s, by an agent that knows no generations, does not undo the recover',
      async (state) => {
        const domain = newDomain();
        const { plugin } = await pluginIn(t, domain, state === 'ACTIVE' ? 'ERROR' : 'ACTIVE', hostname);
        await duringRecover(plugin, () => reportPlugin(t, domain, hostname, { state, endpoint: 'grpc://old:1' }));
        expect(await pluginsOf(domain)).toMatchObject([
          { generation: 2, state: 'RE_PROVISIONING', reason: 'RECOVER_REQUESTED' },
        ]);
      },
    );

    test.each(states)('that it is %s, of the generation before, changes nothing at all', async (state) => {
      const domain = newDomain();
      const { plugin } = await pluginIn(t, domain, state === 'ACTIVE' ? 'ERROR' : 'ACTIVE', hostname);
      await duringRecover(plugin, () =>
        reportPlugin(t, domain, hostname, { state, observedGeneration: 1, endpoint: 'grpc://old:1' }),
      );
      expect(await pluginsOf(domain)).toMatchObject([
        { generation: 2, state: 'RE_PROVISIONING', endpoint: plugin.endpoint, reason: 'RECOVER_REQUESTED' },
      ]);
    });

    test('that no longer has an unmanaged plugin does not delete it', async () => {
      const domain = newDomain();
      const { plugin } = await pluginIn(t, domain, 'ACTIVE', hostname);
      await publish(t, domain, { hostname, plugins: [] });
      await publish(t, domain, { hostname, plugins: [] });
      t.advance(61_000);
      await duringRecover(plugin, () => publish(t, domain, { hostname, plugins: [] }));
      expect(await pluginsOf(domain)).toMatchObject([{ generation: 2, state: 'RE_PROVISIONING', missingReports: 0 }]);
    });

    test('that no longer has a managed plugin is accepted, and does not fail it', async () => {
      const domain = newDomain();
      const supervisor = await enabledSupervisor(t, domain, { hostname });
      const plugin = await insertManagedPlugin(t, supervisor);
      await publish(t, domain, { hostname, plugins: [] });
      await publish(t, domain, { hostname, plugins: [] });
      t.advance(61_000);
      await duringRecover(plugin, () => publish(t, domain, { hostname, plugins: [] }));
      expect(await pluginsOf(domain)).toMatchObject([{ generation: 2, state: 'RE_PROVISIONING', missingReports: 0 }]);
    });
  },
);

describe('P4: an uninstalled plugin', () => {
  test('goes when a report no longer has it, and its event says who reported that and why it was unwanted', async () => {
    const domain = newDomain();
    const supervisor = await enabledSupervisor(t, domain, { hostname });
    await insertManagedPlugin(t, supervisor, { wanted: false });
    await reportPlugin(t, domain, hostname, { state: 'ACTIVE' });
    expect(await pluginsOf(domain)).toHaveLength(1);
    await publish(t, domain, { hostname, plugins: [] });
    expect(await pluginsOf(domain)).toEqual([]);
    expect((await eventsOf(t, domain)).at(-1)).toBe('PLUGIN_DELETED ACTIVE>NONE UNINSTALLED by supervisor');
  });

  test('stays through a heartbeat, which says nothing of plugins', async () => {
    const domain = newDomain();
    const supervisor = await enabledSupervisor(t, domain, { hostname });
    await insertManagedPlugin(t, supervisor, { wanted: false });
    await publish(t, domain, { hostname });
    expect(await pluginsOf(domain)).toHaveLength(1);
  });
});

test('P4: a managed plugin that is wanted is never removed because reports lack it', async () => {
  const domain = newDomain();
  const supervisor = await enabledSupervisor(t, domain, { hostname });
  await insertManagedPlugin(t, supervisor);
  for (let times = 0; times < 10; times++) {
    await publish(t, domain, { hostname, plugins: [] });
    t.advance(31_000);
  }
  expect(await pluginsOf(domain)).toMatchObject([{ state: 'ERROR', reason: 'MISSING' }]);
});

describe('P6: missing', () => {
  /** Reports without the plugin, with these pauses in seconds before each report. */
  async function lack(domain: TestDomain, pauses: number[]): Promise<void> {
    for (const seconds of pauses) {
      t.advance(seconds * 1_000);
      await publish(t, domain, { hostname, plugins: [] });
    }
  }

  test('three reports over 60 s delete an unmanaged plugin, and its event says why', async () => {
    const domain = newDomain();
    await pluginIn(t, domain, 'ACTIVE', hostname);
    await lack(domain, [10, 30, 30]);
    expect(await pluginsOf(domain)).toEqual([]);
    expect((await eventsOf(t, domain)).at(-1)).toBe('PLUGIN_DELETED ACTIVE>NONE MISSING by supervisor');
  });

  test.each([
    ['one report, however late', [3_600]],
    ['two reports, however far apart', [10, 3_600]],
    ['three reports within less than 60 s', [0, 30, 29]],
    ['many reports within less than 60 s', [0, 5, 5, 5, 5, 5, 5]],
  ])('%s: not missing yet', async (_, pauses) => {
    const domain = newDomain();
    await pluginIn(t, domain, 'ACTIVE', hostname);
    const before = await eventsOf(t, domain);
    await lack(domain, pauses);
    expect(await pluginsOf(domain)).toMatchObject([{ state: 'ACTIVE', missingReports: pauses.length }]);
    expect((await eventsOf(t, domain)).filter((event) => event.startsWith('PLUGIN'))).toEqual(
      before.filter((event) => event.startsWith('PLUGIN')),
    );
  });

  test('a report that has the plugin again starts the count anew', async () => {
    const domain = newDomain();
    await pluginIn(t, domain, 'ACTIVE', hostname);
    await lack(domain, [0, 60]);
    await reportPlugin(t, domain, hostname, { state: 'ACTIVE' });
    expect(await pluginsOf(domain)).toMatchObject([{ missingReports: 0, missingSince: null }]);
    await lack(domain, [60, 30]);
    expect(await pluginsOf(domain)).toMatchObject([{ state: 'ACTIVE', missingReports: 2 }]);
  });

  test('a heartbeat without plugins neither counts nor interrupts', async () => {
    const domain = newDomain();
    await pluginIn(t, domain, 'ACTIVE', hostname);
    await lack(domain, [0, 60]);
    await publish(t, domain, { hostname });
    expect(await pluginsOf(domain)).toMatchObject([{ missingReports: 2 }]);
  });

  test('a missing plugin of another tenant on the supervisor is judged alike', async () => {
    const domain = newDomain();
    const tenant = newDomain();
    const supervisor = await enabledSupervisor(t, domain, { hostname });
    await insertManagedPlugin(t, { id: supervisor.id, domainId: tenant.domainId });
    await lack(domain, [0, 30, 30]);
    expect(await pluginsOf(tenant)).toMatchObject([{ state: 'ERROR', reason: 'MISSING' }]);
  });
});

describe('P7: malformed plugins', () => {
  test('are named in `rejected`, and the rest of the report counts', async () => {
    const domain = newDomain();
    const { rejected } = await publish(t, domain, {
      hostname,
      plugins: [
        { pluginId: 'good', version: '1', state: 'ACTIVE' },
        { pluginId: '', version: '1', state: 'ACTIVE' },
        { pluginId: 'none', version: '1', state: 'NONE' },
        { pluginId: 'good', version: '1', state: 'ERROR' },
        { pluginId: 'also-good', version: '1', state: 'ERROR' },
      ],
    });
    expect(rejected.map(({ index, pluginId, code }) => ({ index, pluginId, code }))).toEqual([
      { index: 1, pluginId: '', code: 'BAD_USER_INPUT' },
      { index: 2, pluginId: 'none', code: 'BAD_USER_INPUT' },
      { index: 3, pluginId: 'good', code: 'BAD_USER_INPUT' },
    ]);
    expect((await pluginsOf(domain)).map(({ pluginId, state }) => [pluginId, state])).toEqual([
      ['also-good', 'ERROR'],
      ['good', 'ACTIVE'],
    ]);
  });

  test('a message that is cut between the halves of a character, or holds NUL, is stored all the same', async () => {
    const domain = newDomain();
    const message = `\0${'x'.repeat(t.core.settings.limits.messageLength - 1)}😀😀`;
    const { rejected } = await publish(t, domain, {
      hostname,
      plugins: [
        { pluginId: 'a', version: '1', state: 'ERROR', message },
        { pluginId: 'b', version: '1', state: 'ERROR', message: '\ud83d' },
      ],
    });
    expect(rejected).toEqual([]);
    expect((await pluginsOf(domain)).map((plugin) => plugin.message)).toEqual([
      `${'x'.repeat(t.core.settings.limits.messageLength - 1)}😀`,
      '\ufffd',
    ]);
  });

  test('more plugins than a report may have are refused whole', async () => {
    const domain = newDomain();
    const plugins = Array.from({ length: 1_001 }, (_, i) => ({
      ...identity,
      pluginId: `p-${i}`,
      state: 'ACTIVE' as const,
    }));
    const refusal = await refusalOf(publish(t, domain, { hostname, plugins }));
    expect(refusal.code).toBe('BAD_USER_INPUT');
    expect(refusal.message).toBe('plugins: expected at most 1000 plugins; got a list of 1001');
    const { rejected } = await publish(t, domain, { hostname, plugins: plugins.slice(1) });
    expect(rejected).toEqual([]);
    expect(await pluginsOf(domain)).toHaveLength(1_000);
  });
});

test('L2: a report in which nothing changed writes only the lease', async () => {
  const domain = newDomain();
  const supervisor = await enabledSupervisor(t, domain, { hostname });
  await insertManagedPlugin(t, supervisor, { pluginId: 'managed' });
  const plugins = [
    { ...identity, pluginId: 'managed', state: 'ACTIVE' as const, observedGeneration: 1 },
    { ...identity, state: 'ERROR' as const, message: 'no image', endpoints: ['grpc://a:1'] },
    { ...identity, pluginId: 'third', state: 'PROVISIONING' as const },
  ];
  await publish(t, domain, { hostname, plugins });
  const before = await rowPlaces(t);
  await publish(t, domain, { hostname, plugins });
  const after = await rowPlaces(t);
  expect({ ...after, leases: '' }).toEqual({ ...before, leases: '' });
  expect(after.leases).not.toBe(before.leases);
});

test('an ACTIVE plugin whose endpoint changed is an update, not a change of state', async () => {
  const domain = newDomain();
  await pluginIn(t, domain, 'ACTIVE', hostname);
  await reportPlugin(t, domain, hostname, { state: 'ACTIVE', endpoint: 'grpc://new:1' });
  expect((await eventsOf(t, domain)).at(-1)).toBe('PLUGIN_UPDATED - by supervisor');
  expect(await pluginsOf(domain)).toMatchObject([{ endpoint: 'grpc://new:1', endpoints: ['grpc://new:1'] }]);
});

test('many agents’ reports can go in one statement, each answered for itself', async () => {
  const domain = newDomain();
  const wrong = await publish(t, domain, { hostname: 'host-secret', secretKey: 'right' });
  const rows = ['host-a', 'host-secret', 'host-b'].map((name, index) => ({
    index,
    supervisorId: `supervisor-00000000000${index}`,
    domainId: domain.domainId,
    hostname: name,
    name,
    isPublic: null,
    labels: null,
    tags: null,
    secretDigest: null,
    salt: newSalt(),
    actor: 'agents',
    bootId: null,
    sequence: null,
    hasPlugins: true,
    leaseMs: 300_000,
    digest: null,
  }));
  const plugins = rows.map(
    ({ index }): ReportedPluginRow => ({
      index,
      instanceId: `instance-000000000000000${index}`,
      ...identity,
      domainId: null,
      state: 'ACTIVE',
      endpoint: null,
      endpoints: [],
      message: null,
      observedGeneration: null,
    }),
  );
  const times = { clockOffsetMs: 0, provisioningDeadlineMs: 1, missingReports: 3, missingMs: 1, duplicateQuietMs: 1 };
  const attempts = { restartBudget: 1, backoffMs: 1, longestBackoffMs: 1 };
  const quotas = { supervisorQuota: 10, newcomerQuota: 10, pluginQuota: 10 };
  const answers = await publishReports(t.db.sql, { reports: rows, plugins, times, quotas, attempts });
  expect(new Map(answers.map(({ index, status }) => [index, status]))).toEqual(
    new Map([
      [0, 'ACCEPTED'],
      [1, 'WRONG_SECRET'],
      [2, 'ACCEPTED'],
    ]),
  );
  expect(answers.find(({ index }) => index === 1)?.supervisor).toBeNull();
  expect((await pluginsOf(domain)).map(({ supervisorId }) => supervisorId).sort()).toEqual([
    'supervisor-000000000000',
    'supervisor-000000000002',
  ]);
  expect(await t.db.prisma.plugin.count({ where: { supervisorId: wrong.supervisor.id } })).toBe(0);
});
