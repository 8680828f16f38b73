import { isDeepStrictEqual } from 'node:util';
import type { Deployment } from '@muster/db';
import { type Claims, type Considered, type Decision, isServing } from './decision.ts';
import { type DeploymentSituation, isHalted } from './deploymentSituation.ts';

/** The reasons why a deployment isn't whole. */
export const deploymentConditions = [
  'NO_CANDIDATE',
  'CONFLICT',
  'PAUSED',
  'ROLLOUT_HALTED',
  'ROLLOUT_BLOCKED',
  'ROLLOUT_INCOMPLETE',
  'RELEASE_RETIRED',
  'PLUGIN_FAILED',
  'OFFLINE',
  'OVER_QUOTA',
  'ROUND_FAILED',
] as const;

/** A reason why a deployment isn't whole, in words for people. */
interface DeploymentCondition {
  readonly type: (typeof deploymentConditions)[number];
  readonly message: string;
}

/** How far a deployment is. */
export interface DeploymentStatus {
  /** The supervisors that are to have it. */
  readonly desired: number;
  /** Those of them where it is served, in whatever version. */
  readonly active: number;
  /** Those of them that have another version. */
  readonly updating: number;
  /** Those of them where it is in ERROR. */
  readonly failed: number;
  readonly conditions: readonly DeploymentCondition[];
}

interface Planned {
  readonly deployment: DeploymentSituation;
  readonly decisions: readonly Decision[];
  readonly considered: readonly Considered[];
  readonly claimed: Claims;
  readonly version: string;
  readonly rolloutFrom: string | null;
}

/** The status of a deployment as a plan finds it. */
export function statusOf(planned: Planned): DeploymentStatus {
  const { deployment, decisions, considered } = planned;
  const byId = new Map(considered.map((each) => [each.supervisor.id, each]));
  const kept = decisions
    .filter(({ action }) => action === 'KEEP' || action === 'UPGRADE')
    .flatMap(({ supervisor }) => byId.get(supervisor.id) ?? []);
  const given = decisions.filter(({ action }) => action === 'INSTALL' || action === 'ADOPT').length;
  // They have it only until another supervisor can take it.
  const stuck = decisions.filter(
    ({ action, rule }) => action !== 'WITHDRAW' && (rule === 'DRAINING' || rule === 'AWAY') && action !== null,
  );
  const failed = kept.filter(hasFailed);
  const desired = deployment.mode === 'COUNT' ? (deployment.count ?? 0) : kept.length + given;
  return {
    desired,
    active: kept.filter(isServing).length,
    updating: decisions.filter(({ action }) => action === 'UPGRADE').length,
    failed: failed.length,
    conditions: conditionsOf(planned, { failed, kept, lacking: desired - kept.length - given + stuck.length }),
  };
}

const hasFailed = (each: Considered) =>
  each.supervisor.state === 'ENABLED' && !isServing(each) && each.own.some(({ state }) => state === 'ERROR');

interface Found {
  readonly failed: readonly Considered[];
  readonly kept: readonly Considered[];
  /** How many supervisors it lacks. */
  readonly lacking: number;
}

function conditionsOf(planned: Planned, { failed, kept, lacking }: Found): DeploymentCondition[] {
  const { deployment, decisions, version } = planned;
  const offline = kept.filter(({ supervisor }) => supervisor.state === 'DISCONNECTED');
  const conflicts = decisions.filter(({ rule }) => rule === 'CONFLICT');
  const isRetired =
    deployment.retiredVersions.includes(version) || deployment.retiredVersions.includes(deployment.version);
  const lacks = deployment.mode === 'COUNT' ? lacking > 0 : kept.length === 0 && !decisions.some(isGiven);
  return [
    ...when(lacks, 'NO_CANDIDATE', () => noCandidate(deployment, decisions, lacking)),
    ...when(conflicts.length > 0, 'CONFLICT', () => inConflict(planned, conflicts)),
    ...when(deployment.isPaused, 'PAUSED', () => 'it is paused: nothing new is begun until it is resumed'),
    ...rolloutConditions(planned),
    ...when(isRetired, 'RELEASE_RETIRED', () => `the release of version ${version} is retired: it is placed no more`),
    ...when(failed.length > 0, 'PLUGIN_FAILED', () => `the plugin is in ERROR on ${namesOf(failed)}`),
    ...when(offline.length > 0, 'OFFLINE', () => `it is on ${namesOf(offline)}, which publish no more`),
  ];
}

const isGiven = ({ action }: Decision) => action === 'INSTALL' || action === 'ADOPT';

function when(
  holds: boolean,
  type: DeploymentCondition['type'],
  message: () => string,
): readonly DeploymentCondition[] {
  return holds ? [{ type, message: message() }] : [];
}

/** M3: why none of the others can take it, by the rule that bars each. */
function noCandidate({ mode, count }: DeploymentSituation, decisions: readonly Decision[], lacking: number): string {
  const passed = decisions.filter(
    ({ action, rule }) => action === null && rule !== 'LABELS' && rule !== 'OTHER_DOMAIN' && rule !== 'FILTER',
  );
  const rules = [...Map.groupBy(passed, ({ rule }) => rule)].map(([rule, found]) => `${found.length} by ${rule}`);
  const others =
    passed.length === 0
      ? 'no other supervisor matches'
      : `of those that match, the others are barred: ${rules.sort().join(', ')}`;
  return mode === 'COUNT'
    ? `it lacks ${lacking} of ${count} supervisors; ${others}`
    : `no supervisor can take it; ${others}`;
}

function inConflict({ claimed }: Planned, conflicts: readonly Decision[]): string {
  const names = [...new Set(conflicts.flatMap(({ supervisor }) => claimed.get(supervisor.id)?.name ?? []))].sort();
  return `${conflicts.length} of the supervisors that match belong to an older deployment of the plugin: ${listed(names)}`;
}

function rolloutConditions({ deployment, decisions, rolloutFrom }: Planned): readonly DeploymentCondition[] {
  const { rollout, otherRolloutId, version } = deployment;
  const outdated = decisions.filter(({ action }) => action === 'UPGRADE');
  if (rollout && (isHalted(deployment) || rollout.state === 'PAUSED')) {
    const because = rollout.message === null ? '' : `: ${rollout.message}`;
    const what = `${rollout.id} to ${rollout.toVersion} is ${rollout.state}${because}`;
    return [{ type: 'ROLLOUT_HALTED', message: what }];
  }
  if (outdated.length === 0 || (rollout && !rollout.isOver)) return [];
  if (otherRolloutId !== null) {
    return [{ type: 'ROLLOUT_BLOCKED', message: `${otherRolloutId} of the plugin must end first` }];
  }
  if (rolloutFrom !== null || rollout === null) return [];
  const message = `${outdated.length} supervisors do not have version ${version}: they failed, or could take nothing, in ${rollout.id}`;
  return [{ type: 'ROLLOUT_INCOMPLETE', message }];
}

const namesOf = (found: readonly Considered[]) => listed(found.map(({ supervisor }) => supervisor.name).sort());

/** Names in words: the first few, and how many more there are. */
function listed(names: readonly string[]): string {
  const most = 3;
  const shown = names.slice(0, most).join(', ');
  return names.length > most ? `${shown} and ${names.length - most} more` : shown;
}

/** Whether a deployment has this status already. */
export function isStatusOf(deployment: Deployment, { conditions, ...counts }: DeploymentStatus): boolean {
  const { desired, active, updating, failed } = deployment;
  const stored = (deployment.conditions as unknown as DeploymentCondition[]).map(({ type, message }) => ({
    type,
    message,
  }));
  return isDeepStrictEqual([counts, conditions], [{ desired, active, updating, failed }, stored]);
}
