import { type Database, isDatabaseUnavailable } from '@muster/db';
import { testDatabaseKind } from '@muster/db/testing';
import { describe, expect, test } from 'vitest';
import { pluginRow, reportRow } from '../../testing/reportRows.ts';
import { newDomain, publish, reportPlugin, type TestDomain, useTestCore } from '../../testing/testCore.ts';
import { ReportBatcher } from './reportBatcher.ts';
import { publishStatement } from './sql/publishReports.ts';

const t = useTestCore();

const hostnames = (count: number) => Array.from({ length: count }, (_, i) => `host-${i}`);

describe.runIf(testDatabaseKind() === 'postgresql')(
  'a report whose rows a long transaction holds (PGlite runs one transaction at a time)',
  () => {
    /** Until `release`, a transaction holds the plugins, or the supervisors themselves, of these hosts. */
    async function hold(domain: TestDomain, table: 'plugins' | 'supervisors', hosts: readonly string[]) {
      const held = Promise.withResolvers<void>();
      const { promise: released, resolve: release } = Promise.withResolvers<void>();
      const done = t.db.transaction(async (sql) => {
        await sql.query(
          `SELECT FROM ${table} x JOIN supervisors s ON s.id = x.${table === 'plugins' ? 'supervisor_id' : 'id'}
           WHERE s.domain_id = $1 AND s.hostname = ANY($2::text[]) FOR UPDATE OF x`,
          [domain.domainId, hosts],
        );
        held.resolve();
        await released;
      });
      await held.promise;
      return async () => {
        release();
        await done;
      };
    }

    test.each(['plugins', 'supervisors'] as const)('holds up no other report: its %s are held', async (table) => {
      const domain = newDomain();
      const names = hostnames(6);
      await Promise.all(names.map((hostname) => reportPlugin(t, domain, hostname, { state: 'PROVISIONING' })));
      const heldNames = names.slice(0, 4);
      const release = await hold(domain, table, heldNames);
      const answered = new Set<string>();
      const change = async (hostname: string, name: string) => {
        await publish(t, domain, {
          hostname,
          name,
          plugins: [{ pluginId: 'collector', version: '1.0', state: 'ACTIVE', message: name }],
        });
        answered.add(`${hostname} ${name}`);
      };
      const waiting = heldNames.map((hostname) => change(hostname, 'first'));
      await Promise.all(names.slice(4).map((hostname) => change(hostname, 'first')));
      await Promise.all(names.slice(4).map((hostname) => change(hostname, 'second')));
      const later = heldNames.map((hostname) => change(hostname, 'second'));
      await Promise.all(names.slice(4).map((hostname) => change(hostname, 'third')));
      expect([...answered].some((each) => heldNames.includes(each.split(' ')[0] ?? ''))).toBe(false);
      await release();
      await Promise.all([...waiting, ...later]);
      const supervisors = await t.db.prisma.supervisor.findMany({
        where: { domainId: domain.domainId },
        include: { plugins: true },
        orderBy: { hostname: 'asc' },
      });
      const last = (hostname: string) => (heldNames.includes(hostname) ? 'second' : 'third');
      expect(supervisors.map(({ name, plugins }) => [name, ...plugins.map(({ message }) => message)])).toEqual(
        names.map((hostname) => [last(hostname), last(hostname)]),
      );
    });
  },
);

describe('a report that the database refuses', () => {
  test('gets that error, and fails no other', async () => {
    const domain = newDomain();
    await publish(t, domain, { hostname: 'host-3' });
    const outcomes = await Promise.allSettled(
      hostnames(6).map((hostname, i) =>
        t.core.reports.take(reportRow(domain, hostname), [
          // No version is a text of no characters; checks that stand before this one let none through.
          pluginRow({ version: i === 2 ? '' : '1.0' }),
        ]),
      ),
    );
    expect(outcomes.map(({ status }) => status)).toEqual(
      hostnames(6).map((_, i) => (i === 2 ? 'rejected' : 'fulfilled')),
    );
    expect(outcomes[2]).toMatchObject({ reason: { constraint: 'plugins_version_length' } });
    expect(await t.db.prisma.plugin.count({ where: { domainId: domain.domainId } })).toBe(5);
    expect(await t.db.prisma.supervisor.count({ where: { domainId: domain.domainId } })).toBe(5);
    await publish(t, domain, { hostname: 'host-2' });
  });

  test('leaves the way open for the next one of its supervisor', async () => {
    const domain = newDomain();
    const failing = t.core.reports.take(reportRow(domain, 'a'), [pluginRow({ version: '' })]);
    const next = t.core.reports.take(reportRow(domain, 'a'), [pluginRow()]);
    await expect(failing).rejects.toThrow('plugins_version_length');
    expect(await next).toMatchObject({ status: 'ACCEPTED' });
  });
});

test('while the database is unavailable all get that error, and no report is tried over and over', async () => {
  let tries = 0;
  const db: Database = {
    ...t.db,
    sql: {
      query: () => {
        tries += 1;
        return Promise.reject(Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }));
      },
    },
  };
  const batcher = new ReportBatcher({ db, settings: t.core.settings, clockOffsetMs: t.core.clockOffsetMs });
  const domain = newDomain();
  const outcomes = await Promise.allSettled(
    hostnames(250).map((hostname) => batcher.take(reportRow(domain, hostname), [pluginRow()])),
  );
  expect(outcomes.every((outcome) => outcome.status === 'rejected' && isDatabaseUnavailable(outcome.reason))).toBe(
    true,
  );
  expect(tries).toBe(3);
});

test('a database that goes away while reports are tried one by one ends that', async () => {
  let tries = 0;
  const db: Database = {
    ...t.db,
    sql: {
      query: (statement) => {
        // No report is settled.
        if (statement !== publishStatement) return Promise.resolve([]);
        tries += 1;
        const error = tries === 1 ? { code: '23514' } : { code: 'ECONNREFUSED' };
        return Promise.reject(Object.assign(new Error('no'), error));
      },
    },
  };
  const batcher = new ReportBatcher({ db, settings: t.core.settings, clockOffsetMs: t.core.clockOffsetMs });
  const domain = newDomain();
  const outcomes = await Promise.allSettled(
    hostnames(50).map((hostname) => batcher.take(reportRow(domain, hostname), [])),
  );
  expect(outcomes.every((outcome) => outcome.status === 'rejected' && isDatabaseUnavailable(outcome.reason))).toBe(
    true,
  );
  expect(tries).toBe(2);
});
