import { parameters } from './parameters.ts';
import { hashSql, isWithinLease } from './replaced.ts';
import { speaksFor } from './speaksFor.ts';

/** S8: the condition of a supervisor as which several agents publish by turns. */
const duplicateAgent = 'DUPLICATE_AGENT';

/** S8: whether the supervisor (`s`) carries the condition. */
export const carriesDuplicate = `s.conditions @> '[{"type": "${duplicateAgent}"}]'`;

/** The length of the lease that the report (`r`) renews. */
export const leaseOfReport = `r."leaseMs" * interval '1 millisecond'`;

/** S8: whether the run of the agent that the report (`r`) names was replaced while the lease (`l`) has another. */
export const isReplacedRun = `coalesce(r."bootId" <> l.boot_id AND ${hashSql('r."bootId"')} = ANY(l.replaced_runs), false)
      AND ${isWithinLease('l.run_replaced_at', 'm.now', leaseOfReport)}`;

/** S8: whether no agents have taken turns for so long that the condition goes. */
export const isQuiet = `coalesce(l.duplicate_seen_at < m.now - ${parameters.duplicateQuietMs} * interval '1 millisecond', true)`;

/**
 * S8: whether the report (`r`, of the CTE `existing`) is of another agent than the one before: of a run that was replaced
 * and is back, or with an endpoint that was. Endpoints of one run must come back twice: an agent may move a plugin and move
 * it back, but agents that share a boot id go on.
 */
export const isDuplicate = `(r.is_replaced_run OR EXISTS (
    SELECT FROM replaced_endpoints p
    JOIN plugin_report q ON ${speaksFor('q', 'p')}
    WHERE p.supervisor_id = r.existing_id AND q."index" = r."index" AND q."endpoint" <> p.endpoint
      AND cardinality(array_positions(p.replaced_endpoints, ${hashSql('q."endpoint"')}))
        >= CASE WHEN r."bootId" IS NULL THEN 1 ELSE 2 END
      AND ${isWithinLease('p.endpoint_replaced_at', '(SELECT now FROM moment)', leaseOfReport)}
      -- A late report of one agent (P3) is no second agent.
      AND coalesce(q."observedGeneration" >= p.generation, true)))`;

const appears = `(r.is_duplicate AND NOT ${carriesDuplicate})`;
const goes = `(NOT r.is_duplicate AND r.is_quiet AND ${carriesDuplicate})`;

/** S8: whether the condition of the supervisor (`s`) appears or goes. */
export const changesDuplicate = `(${appears} OR ${goes})`;

/** S8: the conditions of the supervisor (`s`) after the report (`r`, of the CTE `accepted`). */
export const conditionsAfter = `CASE
      WHEN ${appears} THEN s.conditions || jsonb_build_array(jsonb_build_object(
        'type', '${duplicateAgent}', 'since', (SELECT now FROM moment),
        'message', 'two or more agents publish as ' || s.hostname || ' by turns'))
      WHEN ${goes} THEN (
        SELECT coalesce(jsonb_agg(c), '[]') FROM jsonb_array_elements(s.conditions) AS c
        WHERE c ->> 'type' <> '${duplicateAgent}')
      ELSE s.conditions
    END`;
