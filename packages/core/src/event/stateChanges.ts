import type { PluginState, SupervisorState } from '@muster/db';
import { type Scope, scopeFor } from '../access/policy.ts';
import { isInScope } from '../access/scopeWhere.ts';
import type { Viewer } from '../access/viewer.ts';
import type { Limits } from '../base/settings.ts';
import { type Core, type CoreInternals, internalsOf } from '../core.ts';
import type { Condition } from '../query/condition.ts';
import { createPredicate } from '../query/evaluate.ts';
import type { BooleanFilter, ChoiceFilter, ObjectFilter, StringFilter } from '../query/filter.ts';
import { parseFilter } from '../query/parseFilter.ts';
import { type Change, type PluginChange, type RowChange, rowOf, type SupervisorChange } from './change.ts';
import { restrictToDomain } from './domainGuard.ts';
import { Effort } from './effort.ts';
import type { Feed } from './feed.ts';
import { readResumePlace, startAfter, startNow } from './resume.ts';

interface EventFilterBase<State> {
  from?: ChoiceFilter<State | 'NONE'> | null | undefined;
  to?: ChoiceFilter<State | 'NONE'> | null | undefined;
  reason?: StringFilter | null | undefined;
  actor?: StringFilter | null | undefined;
}

/** Which changes of supervisors' states to send: conditions on the change, and on the supervisor after it. */
export interface SupervisorEventFilter extends EventFilterBase<SupervisorState> {
  supervisorId?: StringFilter | null | undefined;
  name?: StringFilter | null | undefined;
  hostname?: StringFilter | null | undefined;
  isPublic?: BooleanFilter | null | undefined;
  labels?: ObjectFilter | null | undefined;
}

/** Which changes of plugins' states to send: conditions on the change, and on the plugin after it. */
export interface PluginEventFilter extends EventFilterBase<PluginState> {
  pluginInstanceId?: StringFilter | null | undefined;
  supervisorId?: StringFilter | null | undefined;
  pluginId?: StringFilter | null | undefined;
  version?: StringFilter | null | undefined;
  managed?: BooleanFilter | null | undefined;
}

/** The input of a subscription to changes of state. */
export interface SubscribeInput<Filter> {
  domainId?: string | null | undefined;
  filter?: Filter | null | undefined;
  /** E3: the cursor after which to start; by default now. */
  after?: string | null | undefined;
}

/**
 * Every change of a supervisor's state that the viewer may see and the filter accepts, creation and deletion included.
 *
 * @throws DomainError BAD_USER_INPUT for a malformed filter or cursor; CURSOR_EXPIRED
 */
export async function supervisorStates(
  core: Core,
  viewer: Viewer,
  input: SubscribeInput<SupervisorEventFilter>,
): Promise<Feed<SupervisorChange>> {
  const scope = scopeFor(viewer, 'read', input.domainId);
  const { from, to, reason, actor, ...own } = input.filter ?? {};
  const entityCondition = parseFilter('supervisor', own, core.settings.limits);
  const eventCondition = parseEventFilter({ from, to, reason, actor }, core.settings.limits);
  return stateFeed(internalsOf(core), viewer, input.after, {
    scope,
    eventCondition,
    entityCondition,
    changed: (change) => (change.entity === 'supervisor' ? change : null),
  });
}

/** As `supervisorStates`, for plugins. */
export async function pluginStates(
  core: Core,
  viewer: Viewer,
  input: SubscribeInput<PluginEventFilter>,
): Promise<Feed<PluginChange>> {
  const scope = scopeFor(viewer, 'read', input.domainId);
  const { from, to, reason, actor, ...own } = input.filter ?? {};
  const entityCondition = parseFilter('plugin', own, core.settings.limits);
  const eventCondition = parseEventFilter({ from, to, reason, actor }, core.settings.limits);
  return stateFeed(internalsOf(core), viewer, input.after, {
    scope,
    eventCondition,
    entityCondition,
    changed: (change) => (change.entity === 'plugin' ? change : null),
  });
}

/** Which changes a feed of states sends. */
interface WatchedStates<Item extends RowChange> {
  readonly scope: Scope;
  readonly eventCondition: Condition;
  readonly entityCondition: Condition;
  /** The change, if it is of the feed's kind of row. */
  changed(change: Change): Item | null;
}

async function stateFeed<Item extends RowChange>(
  core: CoreInternals,
  viewer: Viewer,
  after: string | null | undefined,
  { scope, eventCondition, entityCondition, changed }: WatchedStates<Item>,
): Promise<Feed<Item>> {
  const ofChange = createPredicate(eventCondition);
  const ofRow = createPredicate(entityCondition);
  const effort = new Effort();
  const place = await readResumePlace(core, after);
  const concerns = (change: Change) => isStateChange(change, scope) && changed(change) !== null;
  const meaningOf = (change: Change) => {
    const item = isStateChange(change, scope) ? changed(change) : null;
    if (item === null) return null;
    effort.add(ofChange.comparisons + ofRow.comparisons);
    return ofChange.meets(item) && ofRow.meets(rowOf(item)) ? [item] : null;
  };
  return restrictToDomain(scope, {
    viewer,
    afterSeq: place?.seq ?? null,
    effort,
    concerns,
    meaningOf,
    start: async () => (place === null ? startNow(core) : startAfter(core, place, { meaningOf, effort })),
    bookmark: () => null,
  });
}

/** The condition on the change itself. Unlike a stored state, its `from` and `to` can be NONE. */
function parseEventFilter(filter: EventFilterBase<SupervisorState | PluginState>, limits: Limits): Condition {
  return parseFilter('event', filter, limits);
}

function isStateChange(change: Change, scope: Scope): boolean {
  return change.from !== null && change.from !== change.to && isInScope(scope, change);
}
