export { type ApiKeyInfo, createApiKey, listApiKeys, revokeApiKey } from './access/apiKeys.ts';
export type { Access } from './access/authenticate.ts';
export type { JwtSettings } from './access/jwt.ts';
export { type Capability, can, capabilities, isAgent, type Scope } from './access/policy.ts';
export { createRights, type Rights } from './access/rights.ts';
export { type Credential, openViewer, type Role, roles, type Viewer } from './access/viewer.ts';
export { type Core, type OpenCoreOptions, openCore } from './core.ts';
export { badUserInput, DomainError, type ErrorCode, errorCodes, forbidden, InputError, notFound } from './errors.ts';
export type { Change, PluginChange, SupervisorChange } from './event/change.ts';
export type { Beginning, Feed, Placed } from './event/feed.ts';
export { changedFields, cursorOf, getEvent, listEvents } from './event/read.ts';
export { openStream } from './event/stream.ts';
export {
  type PluginEventFilter,
  pluginStates,
  type SupervisorEventFilter,
  supervisorStates,
} from './event/subscribe.ts';
export { trimHistory } from './event/trim.ts';
export { pluginWatch, supervisorWatch, type WatchEvent, watchEventTypes } from './event/watch.ts';
export { eventId, eventSeq, kindOfId, type NodeKind } from './ids.ts';
export { type DomainCondition, domainConditions, releaseHeldSupervisors } from './lease/hold.ts';
export { excusePause, type Swept, sweep } from './lease/sweep.ts';
export { type FoundNode, findNodes } from './node.ts';
export { type AcquiredEndpoint, type AcquirePluginEndpointInput, acquirePluginEndpoint } from './placement/acquire.ts';
export { advancePlacement } from './placement/advance.ts';
export {
  type BulkInput,
  type BulkItem,
  disableSupervisors,
  enableSupervisors,
  installPlugins,
  uninstallPlugins,
} from './placement/bulk.ts';
export {
  cordonReasons,
  cordonSupervisor,
  drainSupervisor,
  uncordonSupervisor,
  undrainSupervisor,
} from './placement/cordon.ts';
export { type DrainProgress, drainsOf } from './placement/drains.ts';
export { explainPlacement } from './placement/explain.ts';
export { notifyFailure } from './placement/failure.ts';
export { type Installed, installPlugin } from './placement/install.ts';
export { type Considered, type PlacementRule, placementRules } from './placement/rank.ts';
export {
  getRollout,
  type ListRolloutsInput,
  listRollouts,
  type RolloutChange,
  type RolloutProgress,
  watchRollout,
} from './placement/rollouts.ts';
export { uninstallPlugin } from './placement/uninstall.ts';
export { type UpgradeInput, upgradePlugin } from './placement/upgrade.ts';
export type { PlacementInput } from './placement/wish.ts';
export {
  type PluginEvent,
  type PluginOutcome,
  type PluginSituation,
  pluginLifecycle,
  pluginReasons,
  reportedEvents,
  type WirePluginState,
} from './plugin/lifecycle.ts';
export {
  getPlugin,
  type ListPluginsInput,
  listPlugins,
  listPluginsOf,
  type PluginStat,
  type PluginStatsInput,
  pluginGroupKeys,
  pluginOrderFields,
  pluginStats,
} from './plugin/read.ts';
export { recoverPlugin } from './plugin/recover.ts';
export type { PluginReport, RejectedPluginReport } from './plugin/report.ts';
export type { EventFilter, PluginFilter, SupervisorFilter } from './query/filter.ts';
export { readJson } from './query/json/read.ts';
export type {
  Column,
  ColumnFormat,
  Derived,
  EdgePart,
  InfoPart,
  Member,
  NestedPluginsInput,
  PagePart,
  Read,
  StatPart,
  WantedPage,
} from './query/json/wanted.ts';
export { defaultPageSize, type PageArguments } from './query/keyset.ts';
export type { Page } from './query/page.ts';
export { type SearchResults, searchPlugins, searchSupervisors, type WireRow } from './query/search/list.ts';
export { type Statistics, statPlugins, statSupervisors } from './query/search/stat.ts';
export { defaultLimits, defaultSettings, type Limits, type Settings } from './settings.ts';
export { columnOf } from './sql/rows.ts';
export { deregisterSupervisor } from './supervisor/deregister.ts';
export { disableSupervisor, enableSupervisor } from './supervisor/enable.ts';
export {
  type SupervisorCommand,
  type SupervisorOutcome,
  type SupervisorSituation,
  supervisorLifecycle,
  supervisorReasons,
} from './supervisor/lifecycle.ts';
export {
  type Assignments,
  type AssignmentsInput,
  listAssignments,
  offerPlugins,
  watchAssignments,
} from './supervisor/offer.ts';
export { type PublishInput, type PublishResult, publishSupervisor } from './supervisor/publish.ts';
export {
  getSupervisor,
  type ListSupervisorsInput,
  listSupervisors,
  livenessOf,
  pluginScope,
  type SupervisorStat,
  type SupervisorStatsInput,
  supervisorGroupKeys,
  supervisorOrderFields,
  supervisorStats,
  supervisorsOfPlugins,
  visibleTags,
} from './supervisor/read.ts';
export { registerSupervisor } from './supervisor/register.ts';
export { resetSupervisorSecret } from './supervisor/resetSecret.ts';
export { updateSupervisor } from './supervisor/update.ts';
export { describe, type JsonObject } from './validate.ts';
