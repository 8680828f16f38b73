export { type ApiKeyInfo, createApiKey, listApiKeys, revokeApiKey } from './access/apiKeys.ts';
export type { Access } from './access/authenticate.ts';
export type { DomainInput } from './access/domainInput.ts';
export type { JwtSettings } from './access/jwt.ts';
export { type Capability, can, capabilities, isAgent, type Scope } from './access/policy.ts';
export type { Rights } from './access/rights.ts';
export { type Credential, openViewer, type Role, roles, type Viewer } from './access/viewer.ts';
export { viewerClient } from './access/viewerClient.ts';
export { visibleTags } from './access/visibility.ts';
export {
  type Assignments,
  type AssignmentsInput,
  type FetchAssignmentsInput,
  fetchAssignments,
  listAssignments,
  watchAssignments,
} from './assignment/assignments.ts';
export {
  badUserInput,
  DomainError,
  type ErrorCode,
  errorCodes,
  forbidden,
  InputError,
  notFound,
} from './base/errors.ts';
export { eventId, eventSeq, kindOfId, type NodeKind } from './base/ids.ts';
export { columnOf } from './base/rows.ts';
export { defaultLimits, defaultSettings, type Limits, type Settings } from './base/settings.ts';
export type { Unchecked } from './base/unchecked.ts';
export { describe, type JsonObject } from './base/validate.ts';
export {
  type BulkInput,
  type BulkItem,
  disableSupervisors,
  enableSupervisors,
  installPlugins,
  uninstallPlugins,
} from './bulk/bulk.ts';
export type { Core } from './core.ts';
export type { Change, PluginChange, SupervisorChange } from './event/change.ts';
export type { ChangeQueue } from './event/changeQueue.ts';
export { encodeCursor } from './event/cursor.ts';
export { type Feed, type FeedStart, itemsOf, type Meaning, type Sequenced } from './event/feed.ts';
export type { EventHub } from './event/hub.ts';
export { changedFields, cursorOf, getEvent, listEvents } from './event/read.ts';
export {
  type PluginEventFilter,
  pluginStates,
  type SupervisorEventFilter,
  supervisorStates,
} from './event/stateChanges.ts';
export { openStream } from './event/stream.ts';
export { trimHistory } from './event/trim.ts';
export { pluginWatch, supervisorWatch } from './event/watch.ts';
export { type WatchEvent, watchEventTypes } from './event/watchEvent.ts';
export type { ColumnFormat } from './jsonRead/columnJson.ts';
export { derivedFields } from './jsonRead/derivedFields.ts';
export { NotCoveredError, notCovered } from './jsonRead/notCovered.ts';
export { readJson } from './jsonRead/read.ts';
export type {
  Column,
  EdgePart,
  InfoPart,
  Member,
  NestedPluginsInput,
  PagePart,
  Read,
  StatPart,
  WantedPage,
} from './jsonRead/wanted.ts';
export { type DomainCondition, domainConditions, releaseHeldSupervisors } from './liveness/hold.ts';
export { excusePause, sweep } from './liveness/sweep.ts';
export type { Swept } from './liveness/swept.ts';
export { type FoundNode, findNodes } from './node.ts';
export { type OpenCoreOptions, openCore } from './openCore.ts';
export { advancePlacement } from './placement/advance.ts';
export {
  cordonReasons,
  cordonSupervisor,
  type DrainInput,
  drainSupervisor,
  uncordonSupervisor,
  undrainSupervisor,
} from './placement/drain/cordon.ts';
export { type DrainProgress, getDrainProgress } from './placement/drain/drainProgress.ts';
export {
  type AcquiredEndpoint,
  type AcquirePluginEndpointInput,
  acquirePluginEndpoint,
} from './placement/endpoint/acquire.ts';
export { notifyFailure } from './placement/endpoint/notifyFailure.ts';
export { explainPlacement } from './placement/explain.ts';
export { installPlugin, type WantedChange } from './placement/install.ts';
export type { PlacementRequest } from './placement/placementRequest.ts';
export { type ConsideredSupervisor, type PlacementRule, placementRules } from './placement/rank.ts';
export {
  getRollout,
  type ListRolloutsInput,
  listRollouts,
  type RolloutChange,
  type RolloutProgress,
  watchRollout,
} from './placement/rollout/rollouts.ts';
export { type UpgradeInput, upgradePlugin } from './placement/rollout/upgrade.ts';
export { uninstallPlugin } from './placement/uninstall.ts';
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
export { type RecoverInput, recoverPlugin } from './plugin/recover.ts';
export type { EventFilter, PluginFilter, SupervisorFilter } from './query/filter.ts';
export { defaultPageSize, type PageArguments } from './query/keyset.ts';
export type { Page } from './query/page.ts';
export { type PageInfoField, pageInfoSources } from './query/pageInfo.ts';
export type { PluginReport, RejectedPluginReport } from './report/pluginReport.ts';
export { type PublishInput, type PublishResult, publishSupervisor } from './report/publish.ts';
export { type SearchResults, searchPlugins, searchSupervisors, type WireRow } from './search/list.ts';
export { type Statistics, statPlugins, statSupervisors } from './search/stat.ts';
export { messageFields, type SearchEntity } from './search/wireFields.ts';
export type { CommandTarget } from './supervisor/command.ts';
export { type DeregisterInput, deregisterSupervisor } from './supervisor/deregister.ts';
export { disableSupervisor, enableSupervisor } from './supervisor/enable.ts';
export {
  type SupervisorCommand,
  type SupervisorOutcome,
  type SupervisorSituation,
  supervisorLifecycle,
  supervisorReasons,
} from './supervisor/lifecycle.ts';
export type { SupervisorPatchInput } from './supervisor/patch.ts';
export {
  getLiveness,
  getSupervisor,
  getSupervisorsOfPlugins,
  type ListSupervisorsInput,
  listSupervisors,
  pluginScope,
  type SupervisorStat,
  type SupervisorStatsInput,
  supervisorGroupKeys,
  supervisorOrderFields,
  supervisorStats,
} from './supervisor/read.ts';
export { registerSupervisor } from './supervisor/register.ts';
export { resetSupervisorSecret } from './supervisor/resetSecret.ts';
export { updateSupervisor } from './supervisor/update.ts';
