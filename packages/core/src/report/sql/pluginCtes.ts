import { nextAttemptAt } from '../../plugin/sql/nextAttempt.ts';
import { leaseOfReport } from './duplicateAgent.ts';
import { changesPlugin, ifCounts, isFresh, nextReason, nextState, setsAttempt } from './freshness.ts';
import { parameters } from './parameters.ts';
import { isWithinLease, withReplaced } from './replaced.ts';
import { rowVersion } from './settled.ts';
import { speaksFor } from './speaksFor.ts';

/**
 * The plugins of the reporting supervisors as they were. Arrays here and below, where joins would do, tell the planner
 * that few rows are meant, so that it uses an index; for a join it would read the whole table.
 */
export const ownPlugins = `own AS MATERIALIZED (
  SELECT p.*, ${rowVersion} AS row_version FROM plugins p
  WHERE p.supervisor_id = ANY(ARRAY(SELECT existing_id FROM existing WHERE status = 'ACCEPTED' AND "hasPlugins"))
)`;

/** S8: those that have answered at another endpoint before. */
export const replacedEndpoints = `replaced_endpoints AS MATERIALIZED (
  SELECT * FROM own WHERE endpoint_replaced_at IS NOT NULL
)`;

/** The plugins that count as reported. */
export const reported = `reported AS MATERIALIZED (
  SELECT l.id AS supervisor_id, l."domainId" AS domain_id, l."actor", l."leaseMs", q.*,
    (${parameters.reportedEvents} ->> q."state") AS event
  FROM plugin_report q
  JOIN reporter l ON l."index" = q."index"
)`;

/** The plugins that an agent runs without being asked to. */
export const pluginsCreated = `plugins_created AS (
  INSERT INTO plugins (id, supervisor_id, domain_id, plugin_id, version, state, managed, generation,
    observed_generation, endpoint, endpoints, message, reason, deadline_at, actor)
  SELECT r."instanceId", r.supervisor_id, r.domain_id, r."pluginId", r."version", o.state, false, 1, 1,
    r."endpoint", r."endpoints", r."message", o.reason,
    CASE WHEN o.state = ANY(${parameters.statesWithDeadline})
      THEN m.now + ${parameters.provisioningDeadlineMs} * interval '1 millisecond' END,
    r."actor"
  FROM reported r
  JOIN appearing a ON a."instanceId" = r."instanceId" AND a.fits
  CROSS JOIN moment m
  CROSS JOIN LATERAL (
    SELECT (${parameters.pluginLifecycle} #>> ARRAY['UNKNOWN', r.event, 'state'])::plugin_state AS state,
      ${parameters.pluginLifecycle} #>> ARRAY['UNKNOWN', r.event, 'reason'] AS reason) o
  ORDER BY r.supervisor_id, r."pluginId", r."version"
  ON CONFLICT DO NOTHING
)`;

/** The plugins to which a report makes a difference, and those at another endpoint than reported, which may come to matter (S8). */
export const changing = `changing AS MATERIALIZED (
  SELECT p.id, r.* FROM reported r
  JOIN own p ON p.supervisor_id = r.supervisor_id AND ${speaksFor('r', 'p')}
  WHERE ${changesPlugin} OR r."endpoint" IS DISTINCT FROM p.endpoint
)`;

/** S8: whether the report (`r`) has another endpoint than the plugin (`p`). */
const isReplacedEndpoint = `coalesce(r."endpoint" <> p.endpoint, false)`;

/** P3, P5: what the report changes of them. */
export const pluginsChanged = `plugins_changed AS (
  UPDATE plugins p SET
    state = ${nextState},
    reason = ${nextReason},
    deadline_at = CASE
      WHEN ${nextState} = p.state THEN p.deadline_at
      WHEN ${nextState} = ANY(${parameters.statesWithDeadline})
        THEN (SELECT now FROM moment) + ${parameters.provisioningDeadlineMs} * interval '1 millisecond'
    END,
    observed_generation = CASE WHEN ${isFresh} THEN p.generation ELSE p.observed_generation END,
    endpoint = ${ifCounts('r."endpoint"', 'p.endpoint')},
    endpoints = ${ifCounts('r."endpoints"', 'p.endpoints')},
    message = ${ifCounts('r."message"', 'p.message')},
    replaced_endpoints = ${ifCounts(
      `CASE WHEN ${isReplacedEndpoint} THEN ${withReplaced(
        'p.replaced_endpoints',
        'p.endpoint',
        isWithinLease('p.endpoint_replaced_at', '(SELECT now FROM moment)', leaseOfReport),
      )} ELSE p.replaced_endpoints END`,
      'p.replaced_endpoints',
    )},
    endpoint_replaced_at = ${ifCounts(
      `CASE WHEN ${isReplacedEndpoint} THEN (SELECT now FROM moment) ELSE p.endpoint_replaced_at END`,
      'p.endpoint_replaced_at',
    )},
    -- P5: the report makes the next attempt needless, unless it reports the failure.
    next_attempt_at = CASE
      WHEN ${setsAttempt} THEN ${nextAttemptAt('(SELECT now FROM moment)', parameters)}
      WHEN ${nextState} = 'ERROR' THEN p.next_attempt_at END,
    -- P5: a plugin that came up has its whole budget again.
    attempt = CASE WHEN ${nextState} = 'ACTIVE' THEN 1 ELSE p.attempt END,
    missing_reports = 0,
    missing_since = NULL,
    unreported = false,
    actor = r."actor"
  FROM changing r
  WHERE p.id = r.id AND p.id = ANY(ARRAY(SELECT id FROM changing)) AND ${changesPlugin}
)`;
