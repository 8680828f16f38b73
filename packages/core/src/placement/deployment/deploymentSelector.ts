import { badUserInput } from '../../base/errors.ts';
import { defaultLimits, type Limits } from '../../base/settings.ts';
import { describe, isObject } from '../../base/validate.ts';
import { requireConditions } from '../../query/bulkFilter.ts';
import { type Condition, everything } from '../../query/condition.ts';
import type { SupervisorFilter } from '../../query/filter.ts';
import { parseWatchFilter } from '../../query/parseFilter.ts';

/**
 * C2: the condition of a deployment's filter. It may be on all that events tell of a supervisor, but not on its plugins:
 * what the deployment does there would change the answer.
 *
 * @throws DomainError BAD_USER_INPUT for a part that is no condition (B1), or is on plugins or on what no event tells
 */
export function parseSelectorFilter(filter: SupervisorFilter, limits: Limits): Condition {
  const parsed = parseWatchFilter('supervisor', filter, limits);
  requireConditions(filter, ['filter']);
  refusePlugins(filter, ['filter']);
  return parsed;
}

/** The condition of a stored filter, which was checked by the limits of its time. */
export function storedSelector(filter: unknown): Condition {
  if (filter === null) return everything;
  const unlimited = { ...defaultLimits, filterNodes: Infinity, filterOperands: Infinity };
  return parseWatchFilter('supervisor', filter as SupervisorFilter, unlimited);
}

function refusePlugins(filter: unknown, path: readonly (string | number)[]): void {
  if (Array.isArray(filter)) {
    for (const [i, part] of filter.entries()) refusePlugins(part, [...path, i]);
    return;
  }
  if (!isObject(filter)) return;
  if (filter.plugins !== undefined) {
    throw badUserInput(
      [...path, 'plugins'],
      `expected no condition on plugins, which the deployment itself would change; got ${describe(filter.plugins)}`,
    );
  }
  for (const key of ['and', 'or', 'not']) refusePlugins(filter[key], [...path, key]);
}
