import type { Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createPostgresDatabase, testDatabaseKind } from '../../testing/testDatabase.ts';
import { createPool } from '../pool.ts';
import { PostgresLane } from './postgresLane.ts';
import { Work } from './work.ts';

const longestLoanMs = 60_000;
const answerMs = 30_000;
const inAMinute = () => performance.now() + longestLoanMs + 1;

describe.runIf(testDatabaseKind() === 'postgresql')('W1: a connection that is lent for too long is cut', () => {
  let pool: Pool;
  let lane: PostgresLane;
  let drop: () => Promise<void>;
  let warnings: string[] = [];
  beforeAll(async () => {
    const database = await createPostgresDatabase();
    drop = database.drop;
    const connection = { connectionString: database.url };
    pool = createPool({ ...connection, max: 1 }, () => {});
    lane = new PostgresLane({
      name: 'changes',
      pool,
      connections: 1,
      connection,
      longestLoanMs,
      answerMs,
      silence: { noteAnswer: () => {}, refusal: () => null },
      onQuery: () => {},
      onWarning: (message, error) => warnings.push(`${message}: ${error instanceof Error ? error.message : error}`),
    });
  });
  afterAll(async () => {
    await lane.close();
    await drop();
  });

  const newWork = () => Work.start({ lane: 'changes', tenant: 'd', credential: 'k', weight: 1, timeoutMs: null });
  const backend = async () => (await lane.query<{ pid: number }>(newWork(), 'SELECT pg_backend_pid() AS pid'))[0]?.pid;
  const lent = 'a connection of the lane changes was lent for over 60000 ms';
  const silent = 'the database did not answer a statement for 30000 ms';

  test.each<[string, { borrow: (onLent: () => void) => Promise<unknown>; cut: string; warning: string }]>([
    [
      'while a statement has no answer',
      {
        borrow: (onLent) => {
          onLent();
          return lane.query(newWork(), 'SELECT pg_sleep(600)');
        },
        cut: silent,
        warning: `a database connection was cut, since it was silent for too long: ${silent}`,
      },
    ],
    [
      'while a transaction asks for nothing, and would never end',
      {
        borrow: (onLent) =>
          lane.transaction(newWork(), () => {
            onLent();
            return new Promise(() => {});
          }),
        cut: lent,
        warning: `a database connection was cut, since it was lent for too long: ${lent}`,
      },
    ],
  ])(
    '%s: its borrower gets an error at once, others get the turn, and the log has one warning',
    async (_title, { borrow, cut, warning }) => {
      warnings = [];
      const before = await backend();
      const lending = Promise.withResolvers<void>();
      const outcome = borrow(lending.resolve).catch((error: unknown) => error);
      const next = backend();
      await lending.promise;
      await expect.poll(() => pool.totalCount - pool.idleCount).toBe(1);
      lane.cutLoans(performance.now());
      expect(lane.load).toMatchObject({ running: 1, waiting: 1 });
      lane.cutLoans(inAMinute());
      lane.cutLoans(inAMinute());
      expect(await outcome).toMatchObject({ message: cut });
      expect(await next).not.toBe(before);
      expect(warnings).toEqual([warning]);
      expect(lane.load).toMatchObject({ running: 0, waiting: 0 });
    },
  );

  test('whose borrower can ask it nothing more', async () => {
    const goOn = Promise.withResolvers<void>();
    const later = Promise.withResolvers<unknown>();
    const borrowing = lane.transaction(newWork(), async (sql) => {
      await goOn.promise;
      later.resolve(await sql.query('SELECT 1').catch((error: unknown) => error));
    });
    const outcome = borrowing.catch((error: unknown) => error);
    const next = backend();
    await expect.poll(() => pool.totalCount - pool.idleCount).toBe(1);
    lane.cutLoans(inAMinute());
    await outcome;
    await next;
    goOn.resolve();
    expect(await later.promise).toMatchObject({ message: 'expected a connection that is lent; it was given back' });
  });
});
