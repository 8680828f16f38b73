import { pluginReasons } from '../../plugin/lifecycle.ts';
import { parameters } from './parameters.ts';
import { speaksFor } from './speaksFor.ts';

/**
 * P3: whether a plugin (`p`) is still as it was when its absence (`a`) was judged: no recover or other report came
 * between.
 */
const isAsJudged =
  '(p.state, p.generation, p.wanted, p.missing_reports) = (a.state, a.generation, a.wanted, a.missing_reports)';

/** P4, P6: the plugins that a report lacks, as they were, where that has a consequence. */
export const absent = `absent AS MATERIALIZED (
  SELECT p.id, p.supervisor_id, p.state, p.generation, p.wanted, p.missing_reports, l."actor",
    NOT p.wanted OR (NOT p.managed AND gone.missing) AS deletes,
    p.managed AND gone.missing AS fails
  FROM reporter l
  JOIN own p ON p.supervisor_id = l.id
  CROSS JOIN moment m
  CROSS JOIN LATERAL (
    SELECT p.missing_reports + 1 >= ${parameters.missingReports}
      AND m.now - coalesce(p.missing_since, m.now) >= ${parameters.missingMs} * interval '1 millisecond' AS missing) gone
  WHERE l."hasPlugins"
    AND (NOT p.wanted OR NOT p.managed OR p.state = ANY(${parameters.statesMissingMatters}))
    AND NOT EXISTS (
      SELECT FROM reported r
      WHERE r.supervisor_id = p.supervisor_id AND ${speaksFor('r', 'p')})
)`;

/**
 * P4, P6: those whose rows go. A deleted row can't name the actor and the reason for its event; record_event() in
 * prisma/migrations takes both from this setting.
 */
export const pluginsDeleted = `plugins_deleted AS (
  DELETE FROM plugins p USING absent a,
    (SELECT set_config('muster.deletions', coalesce(jsonb_object_agg(id, jsonb_build_object('actor', "actor",
        'reason', CASE WHEN wanted THEN '${pluginReasons.missing}' ELSE '${pluginReasons.uninstalled}' END)), '{}')::text,
        true) AS done
      FROM absent WHERE deletes) attribution
  WHERE p.id = a.id AND p.id = ANY(ARRAY(SELECT id FROM absent)) AND ${isAsJudged} AND a.deletes
    AND attribution.done IS NOT NULL
)`;

/** P6: those that are counted as missing once more, and fail if that was the last time. */
export const pluginsMissed = `plugins_missed AS (
  UPDATE plugins p SET
    missing_reports = p.missing_reports + 1,
    missing_since = coalesce(p.missing_since, m.now),
    state = CASE WHEN a.fails
      THEN (${parameters.pluginLifecycle} #>> ARRAY[p.state::text, 'missing', 'state'])::plugin_state ELSE p.state END,
    reason = CASE WHEN a.fails
      THEN ${parameters.pluginLifecycle} #>> ARRAY[p.state::text, 'missing', 'reason'] ELSE p.reason END,
    actor = a."actor"
  FROM absent a, moment m
  WHERE p.id = a.id AND p.id = ANY(ARRAY(SELECT id FROM absent)) AND ${isAsJudged} AND NOT a.deletes
)`;
