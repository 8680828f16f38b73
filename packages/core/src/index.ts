export type { Access } from './access/authenticate.ts';
export { type Capability, can, isAgent } from './access/policy.ts';
export type { Rights } from './access/rights.ts';
export { openViewer, type Role, roles, type Viewer } from './access/viewer.ts';
export { viewerClient } from './access/viewerClient.ts';
export { visibleConditions, visibleTags } from './access/visibility.ts';
export type { ApiKeyInfo } from './apiKey/apiKeyInfo.ts';
export { listApiKeys, type RevokedApiKey, revokeApiKey } from './apiKey/apiKeys.ts';
export { createAgentToken, type MadeAgentToken } from './apiKey/createAgentToken.ts';
export { createApiKey } from './apiKey/createApiKey.ts';
export { createEnrollmentKey } from './apiKey/createEnrollmentKey.ts';
export { isApiKey, makeFirstApiKey, newApiKey } from './apiKey/firstApiKey.ts';
export type { MadeApiKey } from './apiKey/makeApiKey.ts';
export {
  type Assignment,
  type Assignments,
  fetchAssignments,
  listAssignments,
  watchAssignments,
} from './assignment/assignments.ts';
export { onceEach } from './assignment/onceEach.ts';
export { afterOthers } from './base/afterOthers.ts';
export {
  AnswerTooLargeError,
  badUserInput,
  DomainError,
  type ErrorCode,
  errorCodes,
  forbidden,
  InputError,
  notFound,
} from './base/errors.ts';
export { eventId, eventSeq, kindOfId, nodeKinds } from './base/ids.ts';
export { createPacer, type Pacer, pointsPerMs } from './base/pacer.ts';
export { columnOf } from './base/rows.ts';
export { defaultSettings } from './base/settings.ts';
export { turnToSerialise } from './base/turnToSerialise.ts';
export { describe, exactNumber, isObject, type JsonObject } from './base/validate.ts';
export { blockHostname, listBlockedHostnames, unblockHostname } from './block/blockedHostnames.ts';
export { installPlugins, recoverPlugins, uninstallPlugins } from './bulk/bulkPlugins.ts';
export { blockHostnames, deregisterSupervisors, registerSupervisors } from './bulk/bulkQueue.ts';
export {
  cordonSupervisors,
  disableSupervisors,
  drainSupervisors,
  enableSupervisors,
  uncordonSupervisors,
  undrainSupervisors,
} from './bulk/bulkSupervisors.ts';
export type { BulkItem, BulkResult } from './bulk/runBulk.ts';
export type { Core } from './core.ts';
export type { Change, PluginChange, SupervisorChange } from './event/change.ts';
export { type ChangeQueue, onceTaken } from './event/changeQueue.ts';
export { encodeCursor } from './event/cursor.ts';
export { Effort } from './event/effort.ts';
export { type Feed, itemsOf, type Meaning, type Sequenced } from './event/feed.ts';
export type { EventHub } from './event/hub.ts';
export { blockedHostnameOf, changedFields, cursorOf, listEvents, namesOf } from './event/read.ts';
export { type RenewedLog, renewLog } from './event/renewLog.ts';
export { pluginStates, supervisorStates } from './event/stateChanges.ts';
export { openStream } from './event/stream.ts';
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
} from './jsonRead/readParts.ts';
export { type FoundNode, findEntities, findNodes } from './node.ts';
export { openCore } from './openCore.ts';
export {
  type CreateDeploymentInput,
  createDeployment,
  type DeleteDeploymentInput,
  type DeploymentChangeResult,
  deleteDeployment,
  type UpdateDeploymentInput,
  updateDeployment,
} from './placement/deployment/commandDeployment.ts';
export type { DeploymentAction } from './placement/deployment/decision.ts';
export { type RolloutSettings, specOf } from './placement/deployment/deploymentInput.ts';
export type { DeploymentPlacement } from './placement/deployment/deploymentPlacement.ts';
export { type DeploymentRule, deploymentRules } from './placement/deployment/deploymentRules.ts';
export { deploymentConditions } from './placement/deployment/deploymentStatus.ts';
export {
  deploymentOrderFields,
  findDeployments,
  getDeployment,
  listDeployments,
} from './placement/deployment/deployments.ts';
export { explainDeployment } from './placement/deployment/explainDeployment.ts';
export { type DeploymentChanged, watchDeployment } from './placement/deployment/watchDeployment.ts';
export { cordonSupervisor, drainSupervisor, uncordonSupervisor, undrainSupervisor } from './placement/drain/cordon.ts';
export { type DrainItem, type DrainLeftReason, listLeftOn, readDrainItems } from './placement/drain/drainProgress.ts';
export { type AcquiredEndpoint, acquirePluginEndpoint } from './placement/endpoint/acquire.ts';
export { notifyFailure } from './placement/endpoint/notifyFailure.ts';
export { explainPlacement } from './placement/explain.ts';
export { installPlugin, type WantedChange } from './placement/install.ts';
export { type ConsideredSupervisor, type PlacementRule, placementRules } from './placement/rank.ts';
export { commandRollout } from './placement/rollout/commandRollout.ts';
export type { RolloutCommand } from './placement/rollout/rolloutLifecycle.ts';
export {
  findRollouts,
  getRollout,
  type ListStepsInput,
  listRollouts,
  listStepsOf,
} from './placement/rollout/rollouts.ts';
export { upgradePlugin } from './placement/rollout/upgrade.ts';
export { type RolloutChange, watchRollout } from './placement/rollout/watchRollout.ts';
export { uninstallPlugin } from './placement/uninstall.ts';
export {
  getPlugin,
  type ListPluginsInput,
  listPlugins,
  listPluginsOf,
  listPluginsOfDeployments,
  type PluginStat,
  type PluginStatsInput,
  pluginGroupKeys,
  pluginOrderFields,
  pluginStats,
} from './plugin/read.ts';
export { recoverPlugin } from './plugin/recover.ts';
export type { DeploymentFilter, EventFilter, PluginFilter, ReleaseFilter, SupervisorFilter } from './query/filter.ts';
export { defaultPageSize, type PageArguments } from './query/keyset.ts';
export type { Page, PageOfMany } from './query/page.ts';
export { type PageInfoField, pageInfoSources } from './query/pageInfo.ts';
export { probeWrite } from './readiness/probeWrite.ts';
export { publishRelease } from './release/publishRelease.ts';
export type { ReleaseInfo } from './release/releaseInfo.ts';
export {
  type EnvironmentVariable,
  type HealthCheck,
  healthCheckKinds,
  type ReleasePort,
  type ReleaseSpec,
} from './release/releaseSpec.ts';
export { getRelease, listReleases, releaseOrderFields } from './release/releases.ts';
export { retireRelease } from './release/retireRelease.ts';
export type { PluginReport, RejectedPluginReport } from './report/pluginReport.ts';
export { type PublishInput, type PublishResult, publishSupervisor } from './report/publish.ts';
export { searchPlugins, searchSupervisors } from './search/list.ts';
export { statSupervisors } from './search/stat.ts';
export { messageFields, type SearchEntity } from './search/wireFields.ts';
export { deregisterSupervisor } from './supervisor/deregister.ts';
export { disableSupervisor, enableSupervisor } from './supervisor/enable.ts';
export { preregisterSupervisor } from './supervisor/preregister.ts';
export {
  getLastSeen,
  getSupervisor,
  getSupervisorsOfPlugins,
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
export { type DomainCondition, domainConditions, releaseHeldSupervisors } from './sweep/hold.ts';
export type { Swept } from './sweep/swept.ts';
