import { parameters } from './parameters.ts';
import { speaksFor } from './speaksFor.ts';

/** S8: the condition of a supervisor as which two agents publish by turns. */
const duplicateAgent = 'DUPLICATE_AGENT';

/** S8: whether the supervisor (`s`) carries the condition. */
const hasCondition = `s.conditions @> '[{"type": "${duplicateAgent}"}]'`;

/** S8: whether the run of the agent that the report (`r`) names was replaced by the run that the lease (`l`) has. */
export const isReplacedRun = 'coalesce(r."bootId" = l.previous_boot_id AND r."bootId" <> l.boot_id, false)';

/** S8: whether no two agents have taken turns for so long that the condition goes. */
export const isQuiet = `coalesce(l.duplicate_seen_at < m.now - ${parameters.duplicateQuietMs} * interval '1 millisecond', true)`;

/**
 * S8: whether the report (`r`, of the CTE `existing`) is of a second agent: of a run that was replaced and is back, or,
 * where agents name no runs, with an endpoint that was.
 */
export const isDuplicate = `CASE WHEN r."bootId" IS NOT NULL THEN r.is_replaced_run ELSE EXISTS (
    SELECT FROM replaced_endpoints p
    JOIN plugin_report q ON ${speaksFor('q', 'p')}
    WHERE p.supervisor_id = r.existing_id AND q."index" = r."index"
      AND q."endpoint" = p.previous_endpoint AND q."endpoint" <> p.endpoint
      -- A late report of one agent (P3) is no second agent.
      AND coalesce(q."observedGeneration" >= p.generation, true)) END`;

const appears = `(r.is_duplicate AND NOT ${hasCondition})`;
const goes = `(NOT r.is_duplicate AND r.is_quiet AND ${hasCondition})`;

/** S8: whether the condition of the supervisor (`s`) appears or goes. */
export const changesDuplicate = `(${appears} OR ${goes})`;

/** S8: the conditions of the supervisor (`s`) after the report (`r`, of the CTE `accepted`). */
export const conditionsAfter = `CASE
      WHEN ${appears} THEN s.conditions || jsonb_build_array(jsonb_build_object(
        'type', '${duplicateAgent}', 'since', (SELECT now FROM moment),
        'message', 'two agents publish as ' || s.hostname || ' by turns'))
      WHEN ${goes} THEN (
        SELECT coalesce(jsonb_agg(c), '[]') FROM jsonb_array_elements(s.conditions) AS c
        WHERE c ->> 'type' <> '${duplicateAgent}')
      ELSE s.conditions
    END`;
