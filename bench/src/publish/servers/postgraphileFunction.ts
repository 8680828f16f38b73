/** PostgreSQL's schema that PostGraphile makes its API of. */
export const exposedSchema = 'bench';

/**
 * A report as one writes it for PostGraphile: a function, which becomes a mutation. It renews the lease, and writes the
 * plugins that differ. PL/pgSQL, since it keeps the plans of its statements.
 */
export const publishFunction = `
CREATE SCHEMA IF NOT EXISTS ${exposedSchema};

CREATE TYPE ${exposedSchema}.published_supervisor AS (id text, state text, next_publish_in_ms int);

CREATE FUNCTION ${exposedSchema}.publish_supervisor(report jsonb) RETURNS ${exposedSchema}.published_supervisor
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    known record;
BEGIN
    SELECT s.id, s.state::text AS state INTO known FROM public.supervisors s
    WHERE s.domain_id = report ->> 'domainId' AND s.hostname = report ->> 'hostname';
    IF NOT FOUND THEN
        INSERT INTO public.supervisors AS s (id, domain_id, hostname, name)
        VALUES ('supervisor-' || substr(replace(gen_random_uuid()::text, '-', ''), 1, 12),
            report ->> 'domainId', report ->> 'hostname', report ->> 'name')
        RETURNING s.id, s.state::text AS state INTO known;
    END IF;

    INSERT INTO public.leases (supervisor_id, expires_at, last_seen_at)
    VALUES (known.id, now() + interval '300 seconds', now())
    ON CONFLICT (supervisor_id) DO UPDATE
    SET expires_at = excluded.expires_at, last_seen_at = excluded.last_seen_at;

    UPDATE public.plugins p
    SET state = r.state, endpoint = r.endpoint, endpoints = ARRAY[r.endpoint], reason = 'reported', actor = 'bench'
    FROM jsonb_to_recordset(report -> 'plugins')
        AS r("pluginId" text, version text, state public.plugin_state, endpoint text)
    WHERE p.supervisor_id = known.id AND p.plugin_id = r."pluginId" AND p.version = r.version
        AND (p.state, p.endpoint) IS DISTINCT FROM (r.state, r.endpoint);

    INSERT INTO public.plugins (id, supervisor_id, domain_id, plugin_id, version, state, endpoint, endpoints, reason, actor)
    SELECT 'instance-' || substr(replace(gen_random_uuid()::text, '-', ''), 1, 16), known.id, report ->> 'domainId',
        r."pluginId", r.version, r.state, r.endpoint, ARRAY[r.endpoint], 'reported', 'bench'
    FROM jsonb_to_recordset(report -> 'plugins')
        AS r("pluginId" text, version text, state public.plugin_state, endpoint text)
    WHERE NOT EXISTS (
        SELECT FROM public.plugins p
        WHERE p.supervisor_id = known.id AND p.plugin_id = r."pluginId" AND p.version = r.version);

    RETURN (known.id, known.state, ceil(10000 * random())::int);
END
$$;
`;
