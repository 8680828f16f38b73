import type { WorkloadName } from '../workloads.ts';

/** An instant as JavaScript formats it. */
const moment = (column: string) => `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** Concatenated text, since PostgreSQL's functions for JSON take longer. */
const supervisorText = `concat('"id":', to_json(s.id), ',"domainId":', to_json(s.domain_id), ',"name":', to_json(s.name),
  ',"hostname":', to_json(s.hostname), ',"state":"', s.state, '","isPublic":', CASE WHEN s.is_public THEN 'true' ELSE 'false' END,
  ',"priority":', s.priority, ',"createdAt":"', ${moment('s.created_at')}, '"')`;

const pluginText = `concat('{"id":', to_json(p.id), ',"pluginId":', to_json(p.plugin_id), ',"version":', to_json(p.version),
  ',"state":"', p.state, '","endpoint":', coalesce(to_json(p.endpoint)::text, 'null'), ',"generation":', p.generation, '}')`;

/** The limit's statements, whose `text` is the whole answer. */
export const answers: Readonly<Record<Exclude<WorkloadName, 'empty'>, string>> = {
  get: `SELECT concat('{"data":{"supervisor":', coalesce((
      SELECT concat('{', ${supervisorText}, '}') FROM supervisors s WHERE s.id = $1), 'null'), '}}') AS text`,
  list: `SELECT concat('{"data":{"supervisors":{"totalCount":', (SELECT count(*) FROM supervisors), ',"nodes":[', (
      SELECT string_agg(concat('{', ${supervisorText}, ',"plugins":{"nodes":[', (
          SELECT string_agg(${pluginText}, ',') FROM (
            SELECT * FROM plugins p WHERE p.supervisor_id = s.id ORDER BY p.plugin_id, p.version LIMIT 20) p), ']}}'), ',')
      FROM (SELECT * FROM supervisors ORDER BY name, id LIMIT 20) s), ']}}}') AS text`,
  stats: `SELECT concat('{"data":{"supervisorStats":[', string_agg(concat('{"state":"', state, '","count":', count, '}'), ','),
      ']}}') AS text
    FROM (SELECT state, count(*) AS count FROM supervisors GROUP BY state ORDER BY count DESC, state) counted`,
};

/** Statements for resolvers, as one would write them by hand. */
export const rows = {
  supervisor: `SELECT id, domain_id AS "domainId", name, hostname, state, is_public AS "isPublic", priority, created_at AS "createdAt"
    FROM supervisors WHERE id = $1`,
  supervisors: `SELECT id, domain_id AS "domainId", name, hostname, state, is_public AS "isPublic", priority, created_at AS "createdAt"
    FROM supervisors ORDER BY name, id LIMIT $1`,
  supervisorCount: 'SELECT count(*)::int AS count FROM supervisors',
  pluginsOf: `SELECT page.* FROM unnest($1::text[]) AS parent(id) CROSS JOIN LATERAL (
      SELECT id, supervisor_id AS "supervisorId", plugin_id AS "pluginId", version, state, endpoint, generation
      FROM plugins WHERE supervisor_id = parent.id ORDER BY plugin_id, version LIMIT $2) page`,
  supervisorStats: 'SELECT state, count(*)::int AS count FROM supervisors GROUP BY state ORDER BY count DESC, state',
} as const;
