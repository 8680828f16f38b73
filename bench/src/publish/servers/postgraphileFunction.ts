import { escapeLiteral } from 'pg';
import { publishStatement, publishValues } from '../../../../packages/core/src/report/sql/publishReports.ts';
import { attempts, quotas, times } from '../../reports/publishReport.ts';

/** The database schema that PostGraphile derives its API from. */
export const exposedSchema = 'bench';

/** The database schema of the function that the API hides. */
const innerSchema = 'bench_inner';

const [
  ,
  ,
  publish,
  plugin,
  clockOffset,
  events,
  ,
  withDeadline,
  deadline,
  missing,
  missingFor,
  missingMatters,
  quiet,
  lockWait,
  ...bounds
] = publishValues({ reports: [], plugins: [], times, quotas, attempts }).map(literal);

/**
 * Creates the function that PostGraphile turns into a mutation. It runs Muster's statement, so that it does the same
 * work as the other servers. It is PL/pgSQL, which caches the plans of its statements.
 */
export const publishFunction = `
CREATE SCHEMA ${exposedSchema};
CREATE SCHEMA ${innerSchema};

CREATE TYPE ${innerSchema}.taken AS ("index" int, status text, refused_plugins jsonb, supervisor jsonb);

CREATE FUNCTION ${innerSchema}.take_reports(
    jsonb, jsonb, jsonb, jsonb, float8, jsonb, bytea, text[], float8, int, float8, text[], float8, int,
    int, int, int
) RETURNS SETOF ${innerSchema}.taken LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    RETURN QUERY ${publishStatement.text};
END
$$;

CREATE TYPE ${exposedSchema}.published_supervisor AS (id text, state text, next_publish_in_ms int);

CREATE FUNCTION ${exposedSchema}.publish_supervisor(report jsonb) RETURNS ${exposedSchema}.published_supervisor
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    answer ${innerSchema}.taken;
    reports jsonb := jsonb_build_array((report - 'plugins') || jsonb_build_object(
        'index', 0,
        'supervisorId', 'supervisor-' || substr(replace(gen_random_uuid()::text, '-', ''), 1, 12),
        'actor', 'bench', 'hasPlugins', true, 'leaseMs', 300000));
    plugins jsonb := (
        SELECT jsonb_agg(p || jsonb_build_object(
            'index', 0,
            'instanceId', 'instance-' || substr(replace(gen_random_uuid()::text, '-', ''), 1, 16),
            'endpoints', jsonb_build_array(p -> 'endpoint')))
        FROM jsonb_array_elements(report -> 'plugins') p);
BEGIN
    SELECT * INTO STRICT answer FROM ${innerSchema}.take_reports(
        reports, plugins, ${publish}, ${plugin}, ${clockOffset}, ${events},
        decode(replace(gen_random_uuid()::text, '-', ''), 'hex'), ${withDeadline}, ${deadline}, ${missing}, ${missingFor},
        ${missingMatters}, ${quiet}, ${lockWait}, ${bounds.join(', ')});
    IF answer.status <> 'ACCEPTED' THEN
        RAISE EXCEPTION 'expected a report to be accepted; it was %', answer.status;
    END IF;
    RETURN (answer.supervisor ->> 'id', answer.supervisor ->> 'state', ceil(10000 * random())::int);
END
$$;
`;

function literal(value: unknown): string {
  if (Array.isArray(value)) return `ARRAY[${value.map(literal).join(', ')}]`;
  return typeof value === 'number' ? String(value) : escapeLiteral(String(value));
}
