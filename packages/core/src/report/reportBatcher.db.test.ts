import type { Database } from '@muster/db';
import { describe, expect, test } from 'vitest';
import { pluginRow, reportRow } from '../../testing/reportRows.ts';
import { enabledSupervisor, eventsOf, newDomain, publish, reportPlugin, useTestCore } from '../../testing/testCore.ts';
import { ReportBatcher } from './reportBatcher.ts';
import { publishStatement } from './sql/publishReports.ts';
import type { ReportRow } from './sql/reportRow.ts';

const t = useTestCore({ database: { onQuery: (text) => statements.push(text) } });
let statements: string[] = [];

const isPublish = (text: string) => text.includes('plugins_changed AS');
/** How often the statement that takes reports ran during `work`. */
async function statementsDuring(work: () => Promise<unknown>): Promise<number> {
  statements = [];
  await work();
  return statements.filter(isPublish).length;
}

const hostnames = (count: number) => Array.from({ length: count }, (_, i) => `host-${i}`);

/** The database, but that statements wait until they are let go, one by one, and which reports each brought. */
function gatedDatabase() {
  const brought: string[][] = [];
  const gates: (() => void)[] = [];
  const db: Database = {
    ...t.db,
    sql: {
      query: async (statement, values = []) => {
        // No report is settled.
        if (statement !== publishStatement) return [];
        const reports = JSON.parse(String(values[0])) as ReportRow[];
        brought.push(reports.map(({ hostname, name }) => (hostname === name ? hostname : `${hostname} ${name}`)));
        const { promise, resolve } = Promise.withResolvers<void>();
        gates.push(resolve);
        await promise;
        return t.db.sql.query(statement, values);
      },
    },
  };
  let nowMs = 0;
  const batcher = new ReportBatcher({
    db,
    settings: t.core.settings,
    clockOffsetMs: t.core.clockOffsetMs,
    // Reports come too slowly for a batch to wait.
    clock: {
      nowMs: () => {
        nowMs += 1_000;
        return nowMs;
      },
      atTurnsEnd: (callback) => void setImmediate(callback),
      after: (ms, callback) => void setTimeout(callback, ms),
    },
  });
  /** Until what waits has gone as far as it goes: reports are looked at after the input of a turn. */
  const settled = () => new Promise<void>((resolve) => setImmediate(() => setImmediate(() => setImmediate(resolve))));
  return { batcher, brought, release: (nth: number) => gates[nth]?.(), settled };
}

describe('reports that come together', () => {
  test('share a statement, up to a hundred', async () => {
    const domain = newDomain();
    const all = () => Promise.all(hostnames(250).map((hostname) => publish(t, domain, { hostname })));
    expect(await statementsDuring(all)).toBeLessThanOrEqual(4);
    expect(await statementsDuring(all)).toBeLessThanOrEqual(4);
    expect(await t.db.prisma.supervisor.count({ where: { domainId: domain.domainId } })).toBe(250);
  });

  test('each get their own answer, whatever becomes of the others', async () => {
    const domain = newDomain();
    for (const hostname of ['known', 'private', 'secret']) {
      await publish(t, domain, { hostname, secretKey: hostname === 'secret' ? 'right' : null });
    }
    const registered = await enabledSupervisor(t, domain, { hostname: 'registered' });
    let answers: PromiseSettledResult<{ supervisor: { hostname: string; state: string; id: string } }>[] = [];
    const count = await statementsDuring(async () => {
      answers = await Promise.allSettled([
        publish(t, domain, { hostname: 'known', labels: { a: 1 } }),
        publish(t, domain, { hostname: 'secret', secretKey: 'wrong' }),
        publish(t, domain, { hostname: 'newcomer', plugins: [{ pluginId: 'p', version: '1', state: 'ACTIVE' }] }),
        publish(t, domain, { hostname: 'private', isPublic: true }),
        publish(t, domain, { hostname: 'registered' }),
        publish(t, domain, { hostname: 'stranger', isPublic: true }),
        publish(t, domain, { hostname: 'public', isPublic: true }, domain.admin),
      ]);
    });
    expect(count).toBe(1);
    const brief = answers.map((answer) =>
      answer.status === 'fulfilled'
        ? `${answer.value.supervisor.hostname} ${answer.value.supervisor.state}`
        : `${answer.reason.code} ${answer.reason.message}`,
    );
    expect(brief).toEqual([
      'known PENDING',
      'FORBIDDEN expected the secret key that secret was created with; got another one',
      'newcomer PENDING',
      'private PENDING',
      'registered ENABLED',
      'stranger PENDING',
      'public PENDING',
    ]);
    expect(answers[4]).toMatchObject({ value: { supervisor: { id: registered.id } } });
    expect(await t.db.prisma.plugin.count({ where: { domainId: domain.domainId } })).toBe(1);
  });

  test('of several domains with one hostname are kept apart', async () => {
    const domains = [newDomain(), newDomain(), newDomain()];
    const answers = await Promise.all(domains.map((domain) => publish(t, domain, { hostname: 'host-1' })));
    expect(answers.map(({ supervisor }) => supervisor.domainId)).toEqual(domains.map(({ domainId }) => domainId));
  });
});

describe('reports of one supervisor', () => {
  test('at once keep their order, and each counts', async () => {
    const domain = newDomain();
    const hostname = 'host-1';
    await enabledSupervisor(t, domain, { hostname });
    await Promise.all([
      reportPlugin(t, domain, hostname, { state: 'PROVISIONING' }),
      reportPlugin(t, domain, hostname, { state: 'ERROR', message: 'no image' }),
      reportPlugin(t, domain, hostname, { state: 'ACTIVE' }),
    ]);
    expect((await eventsOf(t, domain)).slice(2)).toEqual([
      'PLUGIN_CREATED NONE>PROVISIONING - by supervisor',
      'PLUGIN_STATE_CHANGED PROVISIONING>ERROR REPORTED by supervisor',
      'PLUGIN_STATE_CHANGED ERROR>ACTIVE - by supervisor',
    ]);
  });

  test('are never in two statements at a time', async () => {
    const domain = newDomain();
    const { batcher, brought, release, settled } = gatedDatabase();
    const first = batcher.take(reportRow(domain, 'a', { name: '1' }), []);
    const second = batcher.take(reportRow(domain, 'a', { name: '2' }), []);
    const other = batcher.take(reportRow(domain, 'b'), []);
    await settled();
    const third = batcher.take(reportRow(domain, 'a', { name: '3' }), []);
    const another = batcher.take(reportRow(domain, 'c'), []);
    await settled();
    expect(brought).toEqual([['a 1', 'b'], ['c']]);
    release(1);
    await another;
    await settled();
    expect(brought).toHaveLength(2);
    release(0);
    await Promise.all([first, other]);
    await settled();
    expect(brought).toEqual([['a 1', 'b'], ['c'], ['a 2']]);
    release(2);
    await second;
    await settled();
    expect(brought.at(-1)).toEqual(['a 3']);
    release(3);
    expect((await third).supervisor).toMatchObject({ name: '3' });
  });

  test('keep their order where the first is too large for the statement that a later one would fit in', async () => {
    const domain = newDomain();
    const { batcher, brought, release, settled } = gatedDatabase();
    const many = (count: number) => Array.from({ length: count }, (_, i) => pluginRow({ pluginId: `p-${i}` }));
    const answers = [
      batcher.take(reportRow(domain, 'a'), many(3)),
      batcher.take(reportRow(domain, 'b', { name: 'large' }), many(5_000)),
      batcher.take(reportRow(domain, 'b', { name: 'small' }), many(1)),
      batcher.take(reportRow(domain, 'c'), many(1)),
    ];
    await settled();
    expect(brought).toEqual([['a', 'c'], ['b large']]);
    release(0);
    release(1);
    await Promise.all([answers[0], answers[1], answers[3]]);
    await settled();
    expect(brought).toEqual([['a', 'c'], ['b large'], ['b small']]);
    release(2);
    await answers[2];
    expect(
      await t.db.prisma.supervisor.findFirst({ where: { domainId: domain.domainId, hostname: 'b' } }),
    ).toMatchObject({ name: 'small' });
  });
});

test('the longest waiting go first', async () => {
  const domain = newDomain();
  const { batcher, brought, release, settled } = gatedDatabase();
  const answers: Promise<unknown>[] = [];
  const names = hostnames(450);
  for (const name of names) {
    answers.push(batcher.take(reportRow(domain, name, { hasPlugins: false }), []));
    if (answers.length === 1) await settled();
  }
  await settled();
  // Two at a time: a busy database is not given more than it can do.
  expect(brought).toHaveLength(2);
  for (let nth = 0; nth < 6; nth++) {
    release(nth);
    await Promise.all(answers.slice(0, brought.slice(0, nth + 1).flat().length));
    await settled();
  }
  expect(brought.map(({ length }) => length)).toEqual([1, 100, 100, 100, 100, 49]);
  expect(brought.flat()).toEqual(names);
  // Each batch is asked for settled reports first.
  expect(batcher.statements).toBe(12);
  expect(batcher.reports).toBe(450);
});

test('300 reports of 50 supervisors at once end in what the last of each said, and all are answered', async () => {
  const domain = newDomain();
  const rounds = Array.from({ length: 6 }, (_, round) => round);
  const sent = rounds.flatMap((round) => hostnames(50).map((hostname, i) => ({ round, hostname, i })));
  const plugin = (round: number, i: number) => ({
    pluginId: `collector-${i % 7}`,
    version: '1.0',
    state: round % 2 === 0 ? ('PROVISIONING' as const) : ('ACTIVE' as const),
    message: `round ${round}`,
    endpoint: round === 5 ? `grpc://host-${i}:1` : null,
  });
  const count = await statementsDuring(() =>
    Promise.all(
      sent.map(async ({ round, hostname, i }) => {
        const { supervisor, rejected } = await publish(t, domain, {
          hostname,
          labels: { round },
          plugins: [plugin(round, i), { ...plugin(round, i), version: '2.0' }],
        });
        expect(supervisor).toMatchObject({ hostname, labels: { round } });
        expect(rejected).toEqual([]);
      }),
    ),
  );
  expect(count).toBeLessThanOrEqual(12);
  const supervisors = await t.db.prisma.supervisor.findMany({
    where: { domainId: domain.domainId },
    include: { plugins: { orderBy: { version: 'asc' } }, lease: true },
  });
  expect(supervisors).toHaveLength(50);
  for (const supervisor of supervisors) {
    const i = Number(supervisor.hostname.slice('host-'.length));
    const last = {
      pluginId: `collector-${i % 7}`,
      state: 'ACTIVE',
      message: 'round 5',
      endpoint: `grpc://host-${i}:1`,
    };
    expect(supervisor).toMatchObject({ state: 'PENDING', labels: { round: 5 }, lease: expect.anything() });
    expect(supervisor.plugins).toMatchObject([
      { ...last, version: '1.0' },
      { ...last, version: '2.0' },
    ]);
  }
  // Each round said something else: 50 newcomers with two plugins, and five changes of each.
  expect(await t.db.prisma.event.count({ where: { domainId: domain.domainId } })).toBe(50 * 3 * 6);
});
