import { isDeadlock } from '@muster/db';
import type { CoreInternals } from '../core.ts';

/** How often a rehearsal is begun again because it lost against other transactions. */
const maxTries = 10;

/**
 * B2: runs an operation, and undoes all that it wrote. So a dry run and the run are decided by the same code, on the
 * same rows.
 *
 * @param operation reaches the database by the core that it is given, and by `db.sql` and `db.transaction` alone: all
 * its statements run in one transaction
 */
export async function rehearse<Result>(
  core: CoreInternals,
  operation: (core: CoreInternals) => Promise<Result>,
): Promise<Result> {
  for (let tries = 1; ; tries++) {
    const outcome = await tryOnce(core, operation);
    if ('result' in outcome) return outcome.result;
    if (tries === maxTries || !outcome.lost) throw outcome.error;
  }
}

async function tryOnce<Result>(
  core: CoreInternals,
  operation: (core: CoreInternals) => Promise<Result>,
): Promise<{ result: Result } | { error: unknown; lost: boolean }> {
  const undo = new Error('a rehearsal is undone');
  let outcome: { result: Result } | undefined;
  // The operation may try again what a deadlock has ended, in a transaction that is over: its own error says nothing then.
  let lost = false;
  // Read before: the count is shared, and has no part in this transaction.
  const live = await core.liveSupervisors.count();
  const liveSupervisors = { count: async () => live };
  try {
    await core.db.transaction(async (sql) => {
      const transaction: CoreInternals['db']['transaction'] = async (run) => {
        try {
          return await run(sql);
        } catch (error) {
          lost ||= isDeadlock(error);
          throw error;
        }
      };
      const db = { ...core.db, sql, shortSql: sql, transaction };
      outcome = { result: await operation({ ...core, db, liveSupervisors }) };
      throw undo;
    });
  } catch (error) {
    if (error === undo && outcome) return outcome;
    return { error, lost: lost || isDeadlock(error) };
  }
  throw new Error('a rehearsal was not undone');
}
