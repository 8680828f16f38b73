import { setTimeout as delay } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { createPostgresDatabase, testDatabaseKind } from '../../testing/testDatabase.ts';
import type { Database } from '../database.ts';
import { openDatabase } from '../open.ts';
import { isLockNotAvailable } from '../sqlState.ts';
import { splitConnections } from './shares.ts';
import { type LaneName, laneNames, Work, type WorkOptions } from './work.ts';
import { WorkStoppedError } from './workErrors.ts';

const poolSize = 27;
const shares = splitConnections(poolSize);

function newWork(options: Partial<WorkOptions> = {}): Work {
  return Work.start({ lane: 'reads', tenant: 'd', credential: 'k', weight: 1, timeoutMs: null, ...options });
}

const gone = () => new WorkStoppedError('client');

describe.runIf(testDatabaseKind() === 'postgresql')('the lanes of a PostgreSQL server', () => {
  let db: Database;
  let observer: Database;
  const warnings: string[] = [];
  /** Statements, in the order in which their turns came. */
  let started: string[] = [];
  beforeAll(async () => {
    const { url, drop } = await createPostgresDatabase();
    db = await openDatabase({
      url,
      poolSize,
      operationTimeoutMs: 20_000,
      onQuery: (text) => started.push(text),
      onWarning: (message) => warnings.push(message),
    });
    observer = await openDatabase({ url });
    return async () => {
      await db.close();
      await observer.close();
      await drop();
    };
  });

  /** How many statements with this text run now. */
  async function running(text: string): Promise<number> {
    const [row] = await observer.sql.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM pg_stat_activity
       WHERE datname = current_database() AND state = 'active' AND pid <> pg_backend_pid() AND query LIKE $1`,
      [`%${text}%`],
    );
    return row?.count ?? 0;
  }

  const carried = () =>
    db.loads().reduce((sum, load) => ({ running: sum.running + load.running, waiting: sum.waiting + load.waiting }), {
      running: 0,
      waiting: 0,
    });
  const idle = { running: 0, waiting: 0 };
  const load = (lane: LaneName) => db.loads().find((each) => each.lane === lane);

  const sleepAs = (work: Work, mark: string) => db.runAs(work, () => db.sql.query(`SELECT pg_sleep(60), '${mark}'`));

  /** Fills what a lane has with statements that sleep, each of another domain. */
  async function fill(lane: LaneName, mark: string): Promise<() => Promise<void>> {
    const works = Array.from({ length: shares[lane] }, (_, i) => newWork({ lane, tenant: `d${i}` }));
    const sleeping = works.map((work) => sleepAs(work, mark).catch(() => {}));
    await expect.poll(() => running(mark)).toBe(works.length);
    return async () => {
      for (const work of works) work.stop(gone());
      await Promise.all(sleeping);
      await expect.poll(() => load(lane)?.running).toBe(0);
    };
  }

  describe('W1: a work that is stopped', () => {
    test('is answered at once, and its statement is cancelled in the database', async () => {
      const work = newWork();
      const sleeping = expect(sleepAs(work, 'stop me')).rejects.toMatchObject({ stopCause: 'client' });
      await expect.poll(() => running('stop me')).toBe(1);
      work.stop(gone());
      await sleeping;
      await expect.poll(() => running('stop me')).toBe(0);
      await expect.poll(carried).toEqual(idle);
    });

    test('starts no further statement', async () => {
      const work = newWork();
      work.stop(gone());
      await expect(sleepAs(work, 'never')).rejects.toBe(work.stopped);
      await expect(db.runAs(work, () => db.shortSql.query('SELECT 1'))).rejects.toBe(work.stopped);
      await expect(db.runAs(work, () => db.transaction(async () => 1))).rejects.toBe(work.stopped);
    });

    test('is stopped by its deadline, wherever it is by then', async () => {
      const work = newWork({ timeoutMs: 100 });
      await expect(sleepAs(work, 'too long')).rejects.toMatchObject({ stopCause: 'deadline' });
      await expect.poll(() => running('too long')).toBe(0);
      const empty = await fill('reads', 'ahead');
      await expect(sleepAs(newWork({ timeoutMs: 100 }), 'queued')).rejects.toMatchObject({ stopCause: 'deadline' });
      expect(load('reads')?.waiting).toBe(0);
      await empty();
    });

    test('leaves nothing of its transaction, and no lock', async () => {
      await observer.sql.query('CREATE TABLE stopped (id INT)');
      const work = newWork({ lane: 'changes' });
      const transaction = db.runAs(work, () =>
        db.transaction(async (sql) => {
          await sql.query('LOCK TABLE stopped');
          await sql.query('INSERT INTO stopped VALUES (1)');
          await sql.query(`SELECT pg_sleep(60), 'in a transaction'`);
        }),
      );
      const rejected = expect(transaction).rejects.toBeInstanceOf(WorkStoppedError);
      await expect.poll(() => running('in a transaction')).toBe(1);
      work.stop(gone());
      await rejected;
      expect(await observer.sql.query('SELECT * FROM stopped')).toEqual([]);
    });

    test('is cancelled where Prisma runs its statement', async () => {
      const holder = await holdTable('supervisors');
      const work = newWork();
      const reading = db.runAs(work, () => db.prisma.supervisor.findFirst().then((row) => row));
      const rejected = expect(reading).rejects.toThrow();
      await expect.poll(() => running('"supervisors"')).toBe(1);
      work.stop(gone());
      await rejected;
      await expect.poll(() => running('"supervisors"')).toBe(0);
      await holder();
      await expect.poll(carried).toEqual(idle);
    });

    test('has an AbortSignal for those who take one', async () => {
      const work = newWork({ timeoutMs: 50 });
      const { signal } = work;
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      expect(signal.reason).toBe(work.stopped);
    });

    test('waits without its deadline while it is said to wait', async () => {
      const work = newWork({ timeoutMs: 50 });
      const { signal } = work;
      await work.waiting(() => delay(150));
      expect(signal.aborted).toBe(false);
      await expect(sleepAs(work, 'after the wait')).rejects.toMatchObject({ stopCause: 'deadline' });
    });
  });

  async function holdTable(table: string): Promise<() => Promise<void>> {
    const locked = Promise.withResolvers<void>();
    const over = Promise.withResolvers<void>();
    const holding = observer.transaction(async (sql) => {
      await sql.query(`LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`);
      locked.resolve();
      await over.promise;
    });
    await locked.promise;
    return async () => {
      over.resolve();
      await holding;
    };
  }

  describe('W1: the database ends by itself', () => {
    test.each(laneNames)(
      'a statement, or a wait for a lock, below the deadline of operations: lane %s',
      async (lane) => {
        const [row] = await db.runAs(newWork({ lane }), () =>
          db.sql.query<{ statement: string; lock: string; idle: string }>(
            `SELECT current_setting('statement_timeout') AS statement, current_setting('lock_timeout') AS lock,
             current_setting('idle_in_transaction_session_timeout') AS idle`,
          ),
        );
        const expected = {
          sweeps: ['1min', '30s', '2min'],
          probes: ['2s', '1s', '4s'],
        }[lane as string] ?? ['18s', '9s', '36s'];
        expect([row?.statement, row?.lock, row?.idle]).toEqual(expected);
      },
    );

    test('a short statement, too', async () => {
      const [row] = await db.shortSql.query<{ statement: string }>(
        `SELECT current_setting('statement_timeout') AS statement`,
      );
      expect(row?.statement).toBe('10s');
    });

    test('a wait for a lock that another holds', async () => {
      const free = await holdTable('supervisors');
      const waiting = db.runAs(newWork({ lane: 'probes' }), () => db.sql.query('SELECT count(*) FROM supervisors'));
      expect(isLockNotAvailable(await waiting.catch((error: unknown) => error))).toBe(true);
      await free();
    });
  });

  describe('W4: a lane that is full', () => {
    test.each(laneNames)('keeps no other lane from its work: %s', async (lane) => {
      const empty = await fill(lane, `full ${lane}`);
      const others = laneNames.filter((other) => other !== lane);
      const answers = others.map((other) => db.runAs(newWork({ lane: other }), () => db.sql.query('SELECT 1 AS one')));
      expect(await Promise.all(answers)).toEqual(others.map(() => [{ one: 1 }]));
      expect(await db.shortSql.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
      expect(await db.logSql.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
      if (lane !== 'sweeps') expect(await db.appliedMigrations()).not.toEqual([]);
      await empty();
    });

    test('serves those that wait by turns of their tenants', async () => {
      const free = await holdTable('supervisors');
      // Their connections stay open, so that no turn waits for a new one.
      const filling = Array.from({ length: shares.reads }, (_, i) =>
        db.runAs(newWork({ tenant: `d${i}` }), () => db.sql.query(`SELECT count(*), 'before turns' FROM supervisors`)),
      );
      await expect.poll(() => running('before turns')).toBe(shares.reads);
      started = [];
      const ask = (tenant: string, credential: string) =>
        db.runAs(newWork({ tenant, credential }), () => db.sql.query(`SELECT '${tenant}'`));
      const asked = Array.from({ length: 5 * shares.reads }, (_, i) => ask('greedy', `k${i}`));
      asked.push(ask('modest', 'k'));
      await free();
      await Promise.all([...filling, ...asked]);
      expect(started.indexOf("SELECT 'modest'")).toBeLessThan(shares.reads);
    });
  });

  test('W5: the long statements of a credential hold at most a third of the connections of a lane, and a tenant leaves a third', async () => {
    const works = Array.from({ length: 12 }, () => newWork({ weight: 20_000 }));
    const sleeping = works.map((work) => sleepAs(work, 'by one key').catch(() => {}));
    await expect.poll(() => running('by one key')).toBe(Math.floor(shares.reads / 3));
    const further = Array.from({ length: 12 }, (_, i) => newWork({ credential: `k${i}` }));
    const sleepingToo = further.map((work) => sleepAs(work, 'by one domain').catch(() => {}));
    const other = newWork({ tenant: 'other' });
    expect(await db.runAs(other, () => db.sql.query('SELECT 1 AS one'))).toEqual([{ one: 1 }]);
    expect(load('reads')?.running).toBe(shares.reads - Math.floor(shares.reads / 3));
    for (const work of [...works, ...further]) work.stop(gone());
    await Promise.all([...sleeping, ...sleepingToo]);
    await expect.poll(carried).toEqual(idle);
  });

  test('W1: nothing is left of works that are stopped at any moment', async () => {
    const works = Array.from({ length: 150 }, (_, i) =>
      newWork({ lane: laneNames[i % 4] ?? 'reads', tenant: `d${i % 7}`, credential: `k${i % 11}`, timeoutMs: 5_000 }),
    );
    const endings = works.map(async (work, i) => {
      const kinds = [
        () => db.sql.query('SELECT pg_sleep(0.02)'),
        () => db.shortSql.query('SELECT 1'),
        () => db.transaction((sql) => sql.query('SELECT pg_sleep(0.01)').then(() => sql.query('SELECT 2'))),
        () => db.prisma.supervisor.findFirst(),
      ];
      const outcome = db.runAs(work, async () => kinds[i % kinds.length]?.()).catch((error: unknown) => error);
      if (i % 3 > 0) setTimeout(() => work.stop(gone()), (i * 37) % 60);
      await outcome;
      work.end();
    });
    await Promise.all(endings);
    await expect.poll(carried).toEqual(idle);
    await expect.poll(() => running('pg_sleep')).toBe(0);
    expect(await db.sql.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  test('W12: a connection keeps a bounded number of prepared statements, whatever names come', async () => {
    const work = newWork();
    const counts: number[] = [];
    for (let i = 0; i < 450; i++) {
      const [row] = await db.runAs(work, () =>
        db.sql.query<{ count: number }>({
          name: `made_up_${i}`,
          text: `SELECT count(*)::int AS count, ${i} FROM pg_prepared_statements WHERE name LIKE 'made_up%'`,
        }),
      );
      counts.push(row?.count ?? 0);
    }
    expect(Math.max(...counts)).toBeLessThanOrEqual(200);
  });

  test('all that runs or waits is stopped where the server stops, and whatever would come after it', async () => {
    const works = Array.from({ length: shares.reads + 3 }, (_, i) => newWork({ tenant: `d${i}` }));
    const outcomes = works.map((work) => sleepAs(work, 'at the end').catch((error: unknown) => error));
    await expect.poll(() => running('at the end')).toBe(shares.reads);
    db.interrupt();
    for (const outcome of await Promise.all(outcomes)) expect(outcome).toMatchObject({ stopCause: 'shutdown' });
    // Of what goes on to its next statement nobody would wait for the end of that.
    for (const { query } of [db.sql, db.shortSql, db.logSql]) {
      await expect(query('SELECT 1')).rejects.toMatchObject({ stopCause: 'shutdown' });
    }
    await expect.poll(() => running('at the end')).toBe(0);
    await expect.poll(carried).toEqual(idle);
  });
});
