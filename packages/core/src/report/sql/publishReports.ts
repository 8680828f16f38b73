import type { Sql, Statement } from '@muster/db';
import type { SupervisorRow } from '../../base/rows.ts';
import {
  pluginLifecycle,
  pluginReasons,
  reportedEvents,
  statesMissingMatters,
  statesWithDeadline,
} from '../../plugin/lifecycle.ts';
import { supervisorLifecycle, supervisorReasons } from '../../supervisor/lifecycle.ts';

/** One agent's report, checked, as the statement below takes it. */
export interface ReportRow {
  /** Its place among the reports of one call; answers carry it. */
  index: number;
  /** The id for a newcomer. */
  supervisorId: string;
  domainId: string;
  hostname: string;
  name: string;
  isPublic: boolean | null;
  labels: object | null;
  tags: object | null;
  /** S6: hex of sha256 of the secret; null where the report brings none. */
  secretDigest: string | null;
  /** S6: hex of a salt, used if this report fixes the secret; null where it brings none. */
  salt: string | null;
  /** S7: whether the reporter may make the supervisor public. */
  mayMakePublic: boolean;
  actor: string;
  /** S8: names one run of the agent; null from one that doesn't say. */
  bootId: string | null;
  /** False for a bare heartbeat, which says nothing of plugins. */
  hasPlugins: boolean;
  leaseMs: number;
}

export interface ReportedPluginRow {
  /** The report's. */
  index: number;
  /** The instance id for a plugin not known yet. */
  instanceId: string;
  pluginId: string;
  version: string;
  state: keyof typeof reportedEvents;
  endpoint: string | null;
  endpoints: string[];
  message: string | null;
  observedGeneration: number | null;
}

export type PublishStatus =
  | 'ACCEPTED'
  /** S6: the secret is missing or another one. */
  | 'WRONG_SECRET'
  /** S7. */
  | 'MAY_NOT_MAKE_PUBLIC'
  /** Another statement made this supervisor at the same time: run it again. */
  | 'RACED';

export interface PublishAnswer {
  index: number;
  status: PublishStatus;
  supervisor: SupervisorRow | null;
}

/** What the lifecycle says of this report (`r`) about this plugin (`p`). */
const outcome = '($4::jsonb -> p.state::text -> r.event)';

/**
 * P3: whether the report is about the current wish. An agent that knows no generations is serial: it reports about the
 * list that it fetched last.
 */
const fresh = 'coalesce(r."observedGeneration", p.offered_generation) = p.generation';

/** P3: likewise, as far as the outcome asks for that. */
const counts = `(coalesce(r."observedGeneration" >= p.generation, true)
      AND (${outcome} -> 'ifFresh' IS NULL OR ${fresh}))`;

const nextState = `coalesce((${outcome} ->> 'state')::plugin_state, p.state)`;
const nextReason = `CASE WHEN ${outcome} ? 'state' THEN ${outcome} ->> 'reason' ELSE p.reason END`;
const ifCounts = (counted: string, otherwise: string) => `CASE WHEN ${counts} THEN ${counted} ELSE ${otherwise} END`;

/** Whether the report makes any difference to the row. */
const changes = `(
    p.missing_reports > 0
    OR p.unreported
    OR (${fresh} AND p.observed_generation <> p.generation)
    OR (${counts} AND (p.state, p.reason, p.endpoint, p.endpoints, p.message)
      IS DISTINCT FROM (${nextState}, ${nextReason}, r."endpoint", r."endpoints", r."message")))`;

/** A recover or another report that came between takes the ground from under what absence was to do (P3). */
const asDecided =
  '(p.state, p.generation, p.wanted, p.missing_reports) = (a.state, a.generation, a.wanted, a.missing_reports)';

/** S8. */
export const duplicateAgent = 'DUPLICATE_AGENT';
const carriesDuplicate = `s.conditions @> '[{"type": "${duplicateAgent}"}]'`;

/**
 * Takes any number of reports, of different supervisors, in one statement: makes newcomers, renews leases, brings
 * supervisors and plugins to what the lifecycles say, and writes no row but the lease where nothing changed (L1, L2).
 * The lifecycles come in as parameters, made from the same tables that the rest of the code reads.
 *
 * Expressions on the row being updated are evaluated anew by PostgreSQL when another transaction changed the row
 * meanwhile. That is why outcomes are looked up in place and not joined: a recover that commits between this
 * statement's start and its update is seen (P3).
 */
export const publishStatement: Statement = {
  name: 'publish_reports',
  text: `
WITH report AS MATERIALIZED (
  -- Before any row is locked.
  SELECT r.* FROM (SELECT set_config('lock_timeout', $14::int::text, true) AS done) patience,
  jsonb_to_recordset($1::jsonb) AS r(
    "index" int, "supervisorId" text, "domainId" text, "hostname" text, "name" text, "isPublic" boolean,
    "labels" jsonb, "tags" jsonb, "secretDigest" text, "salt" text, "mayMakePublic" boolean, "actor" text,
    "bootId" text, "hasPlugins" boolean, "leaseMs" float8)
  WHERE patience.done IS NOT NULL
),
plugin_report AS MATERIALIZED (
  SELECT * FROM jsonb_to_recordset($2::jsonb) AS q(
    "index" int, "instanceId" text, "pluginId" text, "version" text, "state" text, "endpoint" text,
    "endpoints" text[], "message" text, "observedGeneration" int)
),
moment AS (SELECT now() + $5::float8 * interval '1 millisecond' AS now),
known AS MATERIALIZED (
  SELECT
    r.*,
    s.id AS known_id,
    s.state,
    s.registered_at,
    CASE
      WHEN s.secret_hash IS NOT NULL AND (r."secretDigest" IS NULL OR
        -- Blinded with a nonce, so that the time that the comparison takes tells nothing of the hash (S6).
        sha256($7::bytea || sha256(substr(s.secret_hash, 1, 16) || decode(r."secretDigest", 'hex')))
          <> sha256($7::bytea || substr(s.secret_hash, 17))) THEN 'WRONG_SECRET'
      WHEN r."isPublic" AND NOT r."mayMakePublic" AND NOT s.is_public AND s.registered_at IS NULL
        AND NOT 'isPublic' = ANY(s.operator_fields) THEN 'MAY_NOT_MAKE_PUBLIC'
      ELSE 'ACCEPTED'
    END AS status,
    coalesce(r."bootId" = l.previous_boot_id AND r."bootId" <> l.boot_id, false) AS boots_turn,
    coalesce(l.duplicate_seen_at < m.now - $13::float8 * interval '1 millisecond', true) AS quiet
  FROM report r
  JOIN supervisors s ON s.domain_id = r."domainId" AND s.hostname = r."hostname"
  LEFT JOIN leases l ON l.supervisor_id = s.id
  CROSS JOIN moment m
),
-- The arrays below tell the planner that few rows are meant, and so to use an index; a join with what a report says
-- would have it read the whole table.
own AS MATERIALIZED (
  SELECT p.* FROM plugins p
  WHERE p.supervisor_id = ANY(ARRAY(SELECT known_id FROM known WHERE status = 'ACCEPTED' AND "hasPlugins"))
),
replaced AS MATERIALIZED (SELECT * FROM own WHERE previous_endpoint IS NOT NULL),
judged AS MATERIALIZED (
  -- S8: a run that was replaced and is back, or, where agents name no runs, an endpoint that is.
  SELECT k.*, CASE WHEN k."bootId" IS NOT NULL THEN k.boots_turn ELSE EXISTS (
    SELECT FROM replaced p
    JOIN plugin_report q ON q."pluginId" = p.plugin_id AND q."version" = p.version
    WHERE p.supervisor_id = k.known_id AND q."index" = k."index"
      AND q."endpoint" = p.previous_endpoint AND q."endpoint" <> p.endpoint
      -- A late report of one agent (P3) is no second agent.
      AND coalesce(q."observedGeneration" >= p.generation, true)) END AS duplicate
  FROM known k
  WHERE k.status = 'ACCEPTED'
),
created AS (
  INSERT INTO supervisors (id, domain_id, hostname, name, state, is_public, labels, tags, secret_hash, actor, reason)
  SELECT r."supervisorId", r."domainId", r."hostname", r."name", ($3::jsonb #>> '{UNKNOWN,state}')::supervisor_state,
    coalesce(r."isPublic", false), coalesce(r."labels", '{}'), coalesce(r."tags", '{}'),
    decode(r."salt", 'hex') || sha256(decode(r."salt", 'hex') || decode(r."secretDigest", 'hex')),
    r."actor", '${supervisorReasons.publish}'
  FROM report r
  WHERE NOT EXISTS (SELECT FROM known k WHERE k."index" = r."index")
    AND (r."mayMakePublic" OR r."isPublic" IS NOT TRUE)
  ORDER BY r."domainId", r."hostname"
  ON CONFLICT DO NOTHING
  RETURNING *
),
changed AS (
  UPDATE supervisors s SET
    state = coalesce(($3::jsonb -> (CASE WHEN s.state <> 'DISCONNECTED' THEN s.state::text
      WHEN s.registered_at IS NULL THEN 'DISCONNECTED_NEWCOMER' ELSE 'DISCONNECTED_REGISTERED' END)
      ->> 'state')::supervisor_state, s.state),
    name = CASE WHEN s.registered_at IS NULL AND NOT 'name' = ANY(s.operator_fields) THEN k."name" ELSE s.name END,
    is_public = CASE WHEN s.registered_at IS NULL AND NOT 'isPublic' = ANY(s.operator_fields)
      THEN coalesce(k."isPublic", s.is_public) ELSE s.is_public END,
    labels = CASE WHEN s.registered_at IS NULL AND NOT 'labels' = ANY(s.operator_fields)
      THEN coalesce(k."labels", s.labels) ELSE s.labels END,
    tags = CASE WHEN s.registered_at IS NULL AND NOT 'tags' = ANY(s.operator_fields)
      THEN coalesce(k."tags", s.tags) ELSE s.tags END,
    secret_hash = CASE WHEN s.secret_open AND k."secretDigest" IS NOT NULL
      THEN decode(k."salt", 'hex') || sha256(decode(k."salt", 'hex') || decode(k."secretDigest", 'hex'))
      ELSE s.secret_hash END,
    secret_open = s.secret_open AND k."secretDigest" IS NULL,
    conditions = CASE
      WHEN k.duplicate AND NOT ${carriesDuplicate} THEN s.conditions || jsonb_build_array(jsonb_build_object(
        'type', '${duplicateAgent}', 'since', (SELECT now FROM moment),
        'message', 'two agents publish as ' || s.hostname || ' by turns'))
      WHEN NOT k.duplicate AND k.quiet THEN (
        SELECT coalesce(jsonb_agg(c), '[]') FROM jsonb_array_elements(s.conditions) AS c
        WHERE c ->> 'type' <> '${duplicateAgent}')
      ELSE s.conditions
    END,
    actor = k."actor",
    reason = '${supervisorReasons.publish}'
  FROM judged k
  WHERE s.id = k.known_id AND (
    s.state = 'DISCONNECTED'
    OR (k.duplicate AND NOT ${carriesDuplicate})
    OR (${carriesDuplicate} AND NOT k.duplicate AND k.quiet)
    OR (s.secret_open AND k."secretDigest" IS NOT NULL)
    OR (s.registered_at IS NULL AND (
      (s.name <> k."name" AND NOT 'name' = ANY(s.operator_fields))
      OR (s.is_public <> k."isPublic" AND NOT 'isPublic' = ANY(s.operator_fields))
      OR (s.labels <> k."labels" AND NOT 'labels' = ANY(s.operator_fields))
      OR (s.tags <> k."tags" AND NOT 'tags' = ANY(s.operator_fields)))))
  RETURNING s.*
),
live AS MATERIALIZED (
  SELECT k."index", k.known_id AS id, k."actor", k."hasPlugins", k."leaseMs", k."domainId", k."bootId", k.duplicate
  FROM judged k
  UNION ALL
  SELECT r."index", c.id, r."actor", r."hasPlugins", r."leaseMs", r."domainId", r."bootId", false
  FROM created c JOIN report r ON r."supervisorId" = c.id
),
renewed AS (
  INSERT INTO leases (supervisor_id, expires_at, last_seen_at, boot_id, duplicate_seen_at)
  SELECT l.id, m.now + l."leaseMs" * interval '1 millisecond', m.now, l."bootId", CASE WHEN l.duplicate THEN m.now END
  FROM live l, moment m
  ORDER BY l.id
  ON CONFLICT (supervisor_id) DO UPDATE SET
    expires_at = excluded.expires_at,
    last_seen_at = excluded.last_seen_at,
    boot_id = coalesce(excluded.boot_id, leases.boot_id),
    previous_boot_id = CASE WHEN excluded.boot_id <> leases.boot_id THEN leases.boot_id ELSE leases.previous_boot_id END,
    duplicate_seen_at = coalesce(excluded.duplicate_seen_at, leases.duplicate_seen_at),
    unpublished_lists = 0,
    unpublished_since = NULL
),
reported AS MATERIALIZED (
  SELECT l.id AS supervisor_id, l."domainId" AS domain_id, l."actor", q.*, ($6::jsonb ->> q."state") AS event
  FROM plugin_report q
  JOIN live l ON l."index" = q."index"
),
plugins_created AS (
  INSERT INTO plugins (id, supervisor_id, domain_id, plugin_id, version, state, managed, generation,
    observed_generation, endpoint, endpoints, message, reason, deadline_at, actor)
  SELECT r."instanceId", r.supervisor_id, r.domain_id, r."pluginId", r."version", o.state, false, 1, 1,
    r."endpoint", r."endpoints", r."message", o.reason,
    CASE WHEN o.state = ANY($8::text[]::plugin_state[]) THEN m.now + $9::float8 * interval '1 millisecond' END, r."actor"
  FROM reported r
  CROSS JOIN moment m
  CROSS JOIN LATERAL (
    SELECT ($4::jsonb #>> ARRAY['UNKNOWN', r.event, 'state'])::plugin_state AS state,
      $4::jsonb #>> ARRAY['UNKNOWN', r.event, 'reason'] AS reason) o
  WHERE NOT EXISTS (
    SELECT FROM own p
    WHERE p.supervisor_id = r.supervisor_id AND p.plugin_id = r."pluginId" AND p.version = r."version")
  ORDER BY r.supervisor_id, r."pluginId", r."version"
  ON CONFLICT DO NOTHING
),
changing AS MATERIALIZED (
  SELECT p.id, r.* FROM reported r
  JOIN own p ON p.supervisor_id = r.supervisor_id AND p.plugin_id = r."pluginId" AND p.version = r."version"
  WHERE ${changes}
),
plugins_changed AS (
  UPDATE plugins p SET
    state = ${ifCounts(nextState, 'p.state')},
    reason = ${ifCounts(nextReason, 'p.reason')},
    deadline_at = CASE
      WHEN ${ifCounts(nextState, 'p.state')} = p.state THEN p.deadline_at
      WHEN ${ifCounts(nextState, 'p.state')} = ANY($8::text[]::plugin_state[])
        THEN (SELECT now FROM moment) + $9::float8 * interval '1 millisecond'
    END,
    observed_generation = CASE WHEN ${fresh} THEN p.generation ELSE p.observed_generation END,
    endpoint = ${ifCounts('r."endpoint"', 'p.endpoint')},
    endpoints = ${ifCounts('r."endpoints"', 'p.endpoints')},
    message = ${ifCounts('r."message"', 'p.message')},
    previous_endpoint = CASE WHEN ${counts} AND r."endpoint" <> p.endpoint THEN p.endpoint ELSE p.previous_endpoint END,
    -- P5: what an agent reports makes the next attempt needless, unless it reports the failure.
    next_attempt_at = CASE WHEN ${ifCounts(nextState, 'p.state')} = 'ERROR' THEN p.next_attempt_at END,
    -- P5: what came up has its whole budget again.
    attempt = CASE WHEN ${ifCounts(nextState, 'p.state')} = 'ACTIVE' THEN 1 ELSE p.attempt END,
    missing_reports = 0,
    missing_since = NULL,
    unreported = false,
    actor = r."actor"
  FROM changing r
  WHERE p.id = r.id AND p.id = ANY(ARRAY(SELECT id FROM changing)) AND ${changes}
),
absent AS MATERIALIZED (
  -- P4, P6: rows that a report lacked, and that this is of consequence for, as they were when that was decided.
  SELECT p.id, p.state, p.generation, p.wanted, p.missing_reports, l."actor", NOT p.wanted AS unwanted,
    NOT p.wanted OR (NOT p.managed AND gone.missing) AS deletes,
    p.managed AND gone.missing AS fails
  FROM live l
  JOIN own p ON p.supervisor_id = l.id
  CROSS JOIN moment m
  CROSS JOIN LATERAL (
    SELECT p.missing_reports + 1 >= $10::int
      AND m.now - coalesce(p.missing_since, m.now) >= $11::float8 * interval '1 millisecond' AS missing) gone
  WHERE l."hasPlugins"
    AND (NOT p.wanted OR NOT p.managed OR p.state = ANY($12::text[]::plugin_state[]))
    AND NOT EXISTS (
      SELECT FROM reported r
      WHERE r.supervisor_id = p.supervisor_id AND r."pluginId" = p.plugin_id AND r."version" = p.version)
),
plugins_deleted AS (
  DELETE FROM plugins p USING absent a,
    -- A deletion leaves no row to name its actor and reason in; see record_event() in prisma/migrations.
    (SELECT set_config('muster.deletions', coalesce(jsonb_object_agg(id, jsonb_build_object(
      'actor', "actor", 'reason', CASE WHEN unwanted THEN '${pluginReasons.uninstalled}' ELSE '${pluginReasons.missing}' END)), '{}')::text, true) AS done
      FROM absent WHERE deletes) told
  WHERE p.id = a.id AND p.id = ANY(ARRAY(SELECT id FROM absent)) AND ${asDecided} AND a.deletes AND told.done IS NOT NULL
),
plugins_missed AS (
  UPDATE plugins p SET
    missing_reports = p.missing_reports + 1,
    missing_since = coalesce(p.missing_since, m.now),
    state = CASE WHEN a.fails THEN ($4::jsonb #>> ARRAY[p.state::text, 'missing', 'state'])::plugin_state ELSE p.state END,
    reason = CASE WHEN a.fails THEN $4::jsonb #>> ARRAY[p.state::text, 'missing', 'reason'] ELSE p.reason END,
    actor = a."actor"
  FROM absent a, moment m
  WHERE p.id = a.id AND p.id = ANY(ARRAY(SELECT id FROM absent)) AND ${asDecided} AND NOT a.deletes
)
SELECT r."index",
  CASE
    WHEN k.status IS NOT NULL THEN k.status
    WHEN c.id IS NOT NULL THEN 'ACCEPTED'
    WHEN r."isPublic" AND NOT r."mayMakePublic" THEN 'MAY_NOT_MAKE_PUBLIC'
    ELSE 'RACED'
  END AS status,
  CASE WHEN k.status IS NULL OR k.status = 'ACCEPTED' THEN coalesce(to_jsonb(u), to_jsonb(c), to_jsonb(s)) - 'secret_hash' END AS supervisor
FROM report r
LEFT JOIN known k ON k."index" = r."index"
LEFT JOIN created c ON c.id = r."supervisorId"
LEFT JOIN changed u ON u.id = k.known_id
LEFT JOIN supervisors s ON s.id = k.known_id`,
};

/** The lifecycles as the statement reads them. */
const lifecycles = {
  publish: JSON.stringify(
    Object.fromEntries(
      Object.entries(supervisorLifecycle).map(([situation, commands]) => [situation, commands.publish]),
    ),
  ),
  plugin: JSON.stringify(pluginLifecycle),
  reportedEvents: JSON.stringify(reportedEvents),
};

export interface PublishTimes {
  clockOffsetMs: number;
  provisioningDeadlineMs: number;
  missingReports: number;
  missingMs: number;
  /** S8: how long no two agents may have taken turns for the condition to go. */
  duplicateQuietMs: number;
}

/** What the statement is run with; see `publishReports`. */
export function publishValues(
  reports: ReportRow[],
  plugins: ReportedPluginRow[],
  times: PublishTimes,
  nonce: Buffer,
  lockWaitMs: number,
): readonly unknown[] {
  return [
    JSON.stringify(reports),
    JSON.stringify(plugins),
    lifecycles.publish,
    lifecycles.plugin,
    times.clockOffsetMs,
    lifecycles.reportedEvents,
    nonce,
    statesWithDeadline,
    times.provisioningDeadlineMs,
    times.missingReports,
    times.missingMs,
    statesMissingMatters,
    times.duplicateQuietMs,
    lockWaitMs,
  ];
}

/**
 * Runs the statement; `nonce` is fresh random bytes. One answer a report, in no particular order.
 *
 * @param lockWaitMs how long it may wait for a row that another transaction holds; 0 for as long as that takes.
 * @throws an error for which `isRowHeld` is true where that was not long enough; nothing was changed then.
 */
export async function publishReports(
  sql: Sql,
  reports: ReportRow[],
  plugins: ReportedPluginRow[],
  times: PublishTimes,
  nonce: Buffer,
  lockWaitMs = 0,
): Promise<PublishAnswer[]> {
  const answers = sql.query<PublishAnswer>(publishStatement, publishValues(reports, plugins, times, nonce, lockWaitMs));
  return answers.catch((error: unknown) => {
    // Its supervisor was deregistered between the statement's start and its end: run again, it makes a newcomer.
    const [report] = reports;
    if (report && reports.length === 1 && isForeignKeyViolation(error)) {
      return [{ index: report.index, status: 'RACED', supervisor: null }];
    }
    throw error;
  });
}

function isForeignKeyViolation(error: unknown): boolean {
  return hasCode(error, '23503');
}

/** Whether a statement gave up since another transaction holds a row that it wants. */
export function isRowHeld(error: unknown): boolean {
  return hasCode(error, '55P03');
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
