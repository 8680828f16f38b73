import type { PluginState, SupervisorState } from '@muster/db';
import { type Scope, scopeFor } from '../access/policy.ts';
import { isInScope } from '../access/scopeWhere.ts';
import type { Viewer } from '../access/viewer.ts';
import { type Core, type CoreInternals, internalsOf } from '../core.ts';
import type { Condition } from '../query/condition.ts';
import { meets } from '../query/evaluate.ts';
import type { BooleanFilter, ChoiceFilter, ObjectFilter, StringFilter } from '../query/filter.ts';
import { parseFilter } from '../query/parseFilter.ts';
import type { Change, PluginChange, SupervisorChange } from './change.ts';
import { restrictToDomain } from './domainGuard.ts';
import { type Feed, ofChanges } from './feed.ts';
import { beginAfter, beginNow, resumePoint } from './resume.ts';

interface EventFilterBase<State> {
  from?: ChoiceFilter<State | 'NONE'> | null | undefined;
  to?: ChoiceFilter<State | 'NONE'> | null | undefined;
  reason?: StringFilter | null | undefined;
  actor?: StringFilter | null | undefined;
}

export interface SupervisorEventFilter extends EventFilterBase<SupervisorState> {
  supervisorId?: StringFilter | null | undefined;
  name?: StringFilter | null | undefined;
  hostname?: StringFilter | null | undefined;
  isPublic?: BooleanFilter | null | undefined;
  labels?: ObjectFilter | null | undefined;
}

export interface PluginEventFilter extends EventFilterBase<PluginState> {
  id?: StringFilter | null | undefined;
  supervisorId?: StringFilter | null | undefined;
  pluginId?: StringFilter | null | undefined;
  version?: StringFilter | null | undefined;
  managed?: BooleanFilter | null | undefined;
}

export interface SubscribeInput<Filter> {
  domainId?: string | null | undefined;
  filter?: Filter | null | undefined;
  /** E3: begin after this place, and not now. */
  after?: string | null | undefined;
}

/** Every change of a supervisor's state that the viewer may see and the filter accepts, creation and deletion included. */
export async function supervisorStates(
  core: Core,
  viewer: Viewer,
  input: SubscribeInput<SupervisorEventFilter>,
): Promise<Feed<SupervisorChange>> {
  const internals = internalsOf(core);
  const scope = scopeFor(viewer, 'read', input.domainId);
  const { supervisorId, from, to, reason, actor, ...own } = input.filter ?? {};
  const ofEntity = parseFilter('supervisor', { ...own, id: supervisorId }, core.settings.limits);
  const ofEvent = eventCondition({ from, to, reason, actor }, internals);
  return stateFeed(internals, viewer, scope, input.after, (change) =>
    change.entity === 'supervisor' &&
    isStateChange(change, scope) &&
    meets(ofEvent, change) &&
    meets(ofEntity, change.supervisor)
      ? change
      : null,
  );
}

/** As `supervisorStates`, for plugins. */
export async function pluginStates(
  core: Core,
  viewer: Viewer,
  input: SubscribeInput<PluginEventFilter>,
): Promise<Feed<PluginChange>> {
  const internals = internalsOf(core);
  const scope = scopeFor(viewer, 'read', input.domainId);
  const { from, to, reason, actor, ...own } = input.filter ?? {};
  const ofEntity = parseFilter('plugin', own, core.settings.limits);
  const ofEvent = eventCondition({ from, to, reason, actor }, internals);
  return stateFeed(internals, viewer, scope, input.after, (change) =>
    change.entity === 'plugin' &&
    isStateChange(change, scope) &&
    meets(ofEvent, change) &&
    meets(ofEntity, change.plugin)
      ? change
      : null,
  );
}

async function stateFeed<Item extends Change>(
  core: CoreInternals,
  viewer: Viewer,
  scope: Scope,
  after: string | null | undefined,
  itemOf: (change: Change) => Item | null,
): Promise<Feed<Item>> {
  const start = after == null ? null : await resumePoint(core, after);
  const meaning = ofChanges(itemOf);
  return restrictToDomain(scope, {
    viewer,
    start,
    ...meaning,
    begin: async () => (start === null ? beginNow(core) : beginAfter(core, start, meaning)),
    bookmark: () => null,
  });
}

/** Unlike a stored state, `from` and `to` can be NONE, so these are compared as they are. */
function eventCondition(filter: EventFilterBase<SupervisorState | PluginState>, core: CoreInternals): Condition {
  return parseFilter('event', filter, core.settings.limits);
}

function isStateChange(change: Change, scope: Scope): boolean {
  return change.from !== null && change.from !== change.to && isInScope(scope, change);
}
