import type { Sql, Statement } from '@muster/db';
import type { JsonRow } from '../../base/rows.ts';

/** A supervisor whose tree is read. */
export interface SupervisorTreeRequest {
  readonly supervisorId: string;
  /** Events from this sequence number on are read, too. */
  readonly fromSeq: number;
}

/** A supervisor's present rows, and its events since the requested one. */
export interface SupervisorTreeRow {
  supervisorId: string;
  supervisor: JsonRow | null;
  plugins: JsonRow[];
  /** Oldest first. */
  events: JsonRow[];
  /** History up to this sequence number is no longer kept. */
  trimmedThrough: number;
}

/** Supervisors, each with its plugins and the events of any of them since; all as of one moment. */
const statement: Statement = {
  name: 'read_supervisor_trees',
  text: `
    SELECT f.supervisor_id AS "supervisorId",
      (SELECT to_jsonb(s) - 'secret_hash' FROM supervisors s WHERE s.id = f.supervisor_id) AS supervisor,
      (SELECT coalesce(jsonb_agg(to_jsonb(p)), '[]') FROM plugins p WHERE p.supervisor_id = f.supervisor_id) AS plugins,
      (SELECT coalesce(jsonb_agg(to_jsonb(e) ORDER BY e.seq), '[]') FROM events e
        WHERE e.supervisor_id = f.supervisor_id AND e.seq >= f.from_seq) AS events,
      (SELECT trimmed_through FROM event_log) AS "trimmedThrough"
    FROM unnest($1::text[], $2::bigint[]) AS f(supervisor_id, from_seq)`,
};

/**
 * The trees of some supervisors.
 *
 * @param requests each supervisor at most once
 */
export function readSupervisorTrees(
  sql: Sql,
  requests: readonly SupervisorTreeRequest[],
): Promise<SupervisorTreeRow[]> {
  return sql.query<SupervisorTreeRow>(statement, [
    requests.map(({ supervisorId }) => supervisorId),
    requests.map(({ fromSeq }) => fromSeq),
  ]);
}
