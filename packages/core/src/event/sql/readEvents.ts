import type { Sql, Statement } from '@muster/db';
import type { JsonRow } from '../../base/rows.ts';
import type { LogState } from '../cursor.ts';
import { inRecovery } from './logSql.ts';

/** One query for each wake-up of a replica (E4): the events after a sequence number, oldest first, and the log's epochs. */
const statement: Statement = {
  name: 'read_events',
  text: `
SELECT l.log_id AS "logId", l.epoch, l.past_epochs AS "pastEpochs", l.trimmed_through AS "trimmedThrough",
  e.row, e.row IS NULL AND $1::bigint > greatest(l.trimmed_through, (SELECT max(seq) FROM events)) AS "isBehind"
FROM event_log l LEFT JOIN LATERAL (
  SELECT e.seq, to_jsonb(e) AS row FROM events e WHERE e.seq > $1::bigint ORDER BY e.seq LIMIT $2::int) e ON TRUE
WHERE NOT pg_is_in_recovery() ORDER BY e.seq`,
};

/** Events, and the log as it was when they were read. */
export interface EventsRead {
  readonly log: LogState;
  /** Oldest first. */
  readonly rows: readonly JsonRow[];
  /** O5: whether the log ends before the place that was read from. */
  readonly isBehind: boolean;
}

/** The events after a sequence number. */
export async function readEvents(sql: Sql, afterSeq: number, limit: number): Promise<EventsRead> {
  const found = await sql.query<LogState & { row: JsonRow | null; isBehind: boolean }>(statement, [afterSeq, limit]);
  const [first] = found;
  if (!first) throw inRecovery();
  const { row: _, isBehind, ...log } = first;
  return { log, isBehind, rows: found.flatMap(({ row }) => (row === null ? [] : [row])) };
}
