import type { Sql } from '@muster/db';

/**
 * Sorts some 300 KB in 64 KB of memory: PostgreSQL writes them to a file beside its tables, and deletes it. That tells a full
 * disk, which a row that is written where it stands does not, and leaves nothing in the log or in a table.
 *
 * @throws the database's error where the disk is full
 */
export async function fillTemporaryFile(sql: Sql): Promise<void> {
  await sql.query(`SET LOCAL work_mem = '64kB'`);
  await sql.query(
    `SELECT count(*) FROM (SELECT n, repeat('x', 1000) AS text FROM generate_series(1, 300) AS n ORDER BY text, n) AS sorted`,
  );
}
