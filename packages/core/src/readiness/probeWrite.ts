import { type Core, internalsOf } from '../core.ts';
import { readLogBounds } from '../event/sql/readLogBounds.ts';
import { fillTemporaryFile } from './sql/fillTemporaryFile.ts';
import { writeUnchanged } from './sql/writeUnchanged.ts';

/**
 * O7: tries whether a write would succeed, by one that changes nothing. Runs in the caller's work.
 *
 * @returns the sequence number of the newest event
 * @throws the database's error where a write would fail
 */
export async function probeWrite(core: Core): Promise<number> {
  const { db } = internalsOf(core);
  await writeUnchanged(db.sql);
  await db.transaction(fillTemporaryFile);
  return (await readLogBounds(db.sql)).headSeq;
}
