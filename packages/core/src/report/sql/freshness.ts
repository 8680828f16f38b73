import { isAttemptedAgain } from '../../plugin/sql/nextAttempt.ts';
import { parameters } from './parameters.ts';

/** The lifecycle's outcome for a plugin (`p`) of which a report (`r`) came. */
const outcome = `(${parameters.pluginLifecycle} -> p.state::text -> r.event)`;

/**
 * P3: whether the report is about the current generation. An agent that knows no generations is serial: it reports
 * about the list that it fetched last.
 */
export const isFresh = 'coalesce(r."observedGeneration", p.offered_generation) = p.generation';

/** P3: whether the report counts: it is about no earlier generation, and fresh where the outcome asks for that. */
const counts = `(coalesce(r."observedGeneration" >= p.generation, true)
      AND (${outcome} -> 'ifFresh' IS NULL OR ${isFresh}))`;

const outcomeState = `coalesce((${outcome} ->> 'state')::plugin_state, p.state)`;
const outcomeReason = `CASE WHEN ${outcome} ? 'state' THEN ${outcome} ->> 'reason' ELSE p.reason END`;

/** One expression where the report counts, another where it does not. */
export function ifCounts(counted: string, otherwise: string): string {
  return `CASE WHEN ${counts} THEN ${counted} ELSE ${otherwise} END`;
}

/** The plugin's state after the report. */
export const nextState = ifCounts(outcomeState, 'p.state');
/** The plugin's reason after the report. */
export const nextReason = ifCounts(outcomeReason, 'p.reason');

/** P5: whether the report is one of a failure, for which no next attempt is set yet and one is due. */
export const setsAttempt = `(r.event = 'reportedError' AND (p.state <> 'ERROR' OR p.next_attempt_at IS NULL)
    AND ${counts} AND ${isAttemptedAgain(parameters)})`;

/** Whether the report makes any difference to the plugin's row (L2). */
export const changesPlugin = `(
    p.missing_reports > 0
    OR p.unreported
    OR ${setsAttempt}
    OR (${isFresh} AND p.observed_generation <> p.generation)
    OR (${counts} AND (p.state, p.reason, p.endpoint, p.endpoints, p.message)
      IS DISTINCT FROM (${outcomeState}, ${outcomeReason}, r."endpoint", r."endpoints", r."message")))`;
