import type { Sql, Statement } from '@muster/db';

/**
 * Writes a row as it is, and commits that, which only a database does that takes writes. It is the row that sweeps write
 * anyway, so it costs no space; while a sweep has it, that one writes.
 */
const statement: Statement = {
  name: 'write_unchanged',
  text: `
WITH free AS MATERIALIZED (SELECT id FROM control_plane WHERE id = 1 FOR NO KEY UPDATE SKIP LOCKED)
UPDATE control_plane c SET last_sweep_at = c.last_sweep_at FROM free WHERE c.id = free.id`,
};

/** Tries to write. @throws the database's error where it takes no writes */
export async function writeUnchanged(sql: Sql): Promise<void> {
  await sql.query(statement);
}
