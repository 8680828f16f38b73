import { parameters } from './parameters.ts';
import { speaksFor } from './speaksFor.ts';

/** The reports of supervisors that don't exist yet, each with its place among those of the domain. */
export const newcomers = `newcomer AS MATERIALIZED (
  SELECT r.*, row_number() OVER (PARTITION BY r."domainId" ORDER BY r."index") AS place
  FROM report r
  WHERE NOT EXISTS (SELECT FROM existing e WHERE e."index" = r."index")
    AND NOT r.is_blocked
)`;

/**
 * The plugins that are reported and have no row yet. One of another domain (P9) never gets a row by a report: that
 * domain's operators alone place plugins for it.
 */
export const unknownPlugins = `unknown_plugin AS MATERIALIZED (
  SELECT q."index", q."instanceId", s.domain_id, coalesce(q."domainId" <> s.domain_id, false) AS is_foreign
  FROM plugin_report q
  JOIN (
    SELECT "index", existing_id, "domainId" AS domain_id FROM accepted WHERE "hasPlugins"
    UNION ALL
    SELECT "index", NULL, "domainId" FROM newcomer
  ) s ON s."index" = q."index"
  WHERE NOT EXISTS (SELECT FROM own p WHERE p.supervisor_id = s.existing_id AND ${speaksFor('q', 'p')})
)`;

/** A8: the domains that have no room for a newcomer, as the statement's snapshot sees it. OFFSET makes the planner look them up by their keys. */
export const fullDomains = `full_domain AS MATERIALIZED (
  SELECT u.*
  FROM (SELECT DISTINCT "domainId" FROM newcomer) n
  CROSS JOIN LATERAL (SELECT * FROM domain_usage d WHERE d.domain_id = n."domainId" OFFSET 0) u
  WHERE u.supervisors >= ${parameters.supervisorQuota} OR u.newcomers >= ${parameters.newcomerQuota}
)`;

/**
 * A8: how much the domains have that are to get supervisors or plugins. The rows are locked until the commit, and read
 * as every earlier transaction left them, whatever this statement's snapshot: ON CONFLICT does both. A newcomer that a full
 * domain refuses locks nothing, so that any number of them hold up no report.
 */
export const usage = `growing AS (
  INSERT INTO domain_usage AS u (domain_id)
  SELECT domain_id FROM (
    SELECT "domainId" AS domain_id FROM newcomer WHERE "domainId" NOT IN (SELECT domain_id FROM full_domain)
    UNION
    SELECT p.domain_id FROM unknown_plugin p
    WHERE NOT p.is_foreign AND NOT EXISTS (
      SELECT FROM newcomer n JOIN full_domain f ON f.domain_id = n."domainId" WHERE n."index" = p."index")) d
  ORDER BY domain_id
  ON CONFLICT (domain_id) DO UPDATE SET plugins = u.plugins
  RETURNING u.*
),
usage AS (
  SELECT * FROM growing
  UNION ALL
  SELECT * FROM full_domain f WHERE NOT EXISTS (SELECT FROM growing g WHERE g.domain_id = f.domain_id)
)`;

/** A8: the newcomers that the quotas leave room for, and the others. */
export const arriving = `arriving AS MATERIALIZED (
  SELECT n.*, n.place <= ${parameters.supervisorQuota} - u.supervisors AND n.place <= ${parameters.newcomerQuota} - u.newcomers AS fits,
    n.place > ${parameters.supervisorQuota} - u.supervisors AS are_too_many
  FROM newcomer n
  JOIN usage u ON u.domain_id = n."domainId"
)`;

/** A8: the same for plugins. */
export const appearing = `appearing AS MATERIALIZED (
  SELECT p.*, coalesce(
    row_number() OVER (PARTITION BY p.domain_id, p.is_foreign ORDER BY p."index") <= ${parameters.pluginQuota} - u.plugins
      AND NOT p.is_foreign, false) AS fits
  FROM unknown_plugin p
  LEFT JOIN usage u ON u.domain_id = p.domain_id
)`;

/** The plugins of the report (`r`) that got no row, as JSON; NULL where there are none. */
export const refusedPlugins = `(
    SELECT jsonb_agg(jsonb_build_object('instanceId', a."instanceId", 'isForeign', a.is_foreign))
    FROM appearing a WHERE a."index" = r."index" AND NOT a.fits)`;

/** A8: why the report (`r`) makes no supervisor; NULL where a quota is not the reason. */
export const overQuota = `(
    SELECT CASE WHEN a.are_too_many THEN 'TOO_MANY_SUPERVISORS' ELSE 'TOO_MANY_NEWCOMERS' END
    FROM arriving a WHERE a."index" = r."index" AND NOT a.fits)`;
