import type { Capability } from '@muster/core';
import type { RolloutState } from '@muster/db';

/** The target of an operation: everything in one domain, created anew for each try. */
export interface Target {
  domainId: string;
  supervisorId: string;
  /** A PENDING one. */
  newcomerId: string;
  instanceId: string;
  pluginId: string;
  keyId: string;
  rolloutId: string;
  releaseId: string;
  deploymentId: string;
}

/** An operation of the access matrix. */
export interface Entry {
  /** The capabilities that allow the operation, any of these (A1); null if every viewer may run it. */
  takes: readonly Capability[] | null;
  /** How it names whose it is about. */
  names: 'domain' | 'id' | 'nothing';
  /** An operation that works on the target. */
  operation(target: Target): string;
  /** The state in which it needs the rollout. Default: COMPLETED. */
  rolloutState?: RolloutState;
}

const id = (name: string, value: string) => `${name}: ${JSON.stringify(value)}`;
const input = (...fields: string[]) => `(input: { ${fields.join(', ')} })`;
const ofDomain = (
  takes: Capability | readonly Capability[],
  write: (domain: string, target: Target) => string,
): Entry => ({
  takes: [takes].flat(),
  names: 'domain',
  operation: (target) => write(id('domainId', target.domainId), target),
});
const ofId = (takes: Capability, operation: Entry['operation']): Entry => ({ takes: [takes], names: 'id', operation });
const command = (takes: Capability, write: (supervisor: string, target: Target) => string): Entry =>
  ofId(takes, (target) => `mutation { ${write(id('supervisorId', target.supervisorId), target)} }`);

const ofRollout = (name: string, rolloutState: RolloutState): Entry => ({
  ...ofId('operate', ({ rolloutId }) => `mutation { ${name}${input(id('rolloutId', rolloutId))} { rollout { id } } }`),
  rolloutState,
});

const ofDeployment = (name: string, change: string): Entry =>
  ofId(
    'operate',
    ({ deploymentId }) => `mutation { ${name}${input(id('deploymentId', deploymentId), change)} { placementCount } }`,
  );

const pluginOf = ({ pluginId }: Target) => `${id('pluginId', pluginId)}, ${id('version', '1')}`;

const page = 'totalCount nodes { id domainId }';
/** All root fields of the schema, by the names of their type and their own. */
export const entries: Readonly<Record<string, Entry>> = {
  'Query.viewer': { takes: null, names: 'nothing', operation: () => '{ viewer { subject role domainId } }' },
  'Query.server': { takes: ['read'], names: 'nothing', operation: () => '{ server { version } }' },
  'Query.node': ofId('read', ({ instanceId }) => `{ node(${id('id', instanceId)}) { id } }`),
  'Query.nodes': ofId('read', ({ supervisorId }) => `{ nodes(ids: [${JSON.stringify(supervisorId)}]) { id } }`),
  'Query.supervisor': ofId('read', ({ supervisorId }) => `{ supervisor(${id('id', supervisorId)}) { id } }`),
  'Query.plugin': ofId('read', ({ instanceId }) => `{ plugin(${id('id', instanceId)}) { id } }`),
  'Query.supervisors': ofDomain('read', (domain) => `{ supervisors(${domain}) { ${page} } }`),
  'Query.plugins': ofDomain('read', (domain) => `{ plugins(${domain}) { ${page} } }`),
  'Query.events': ofDomain('read', (domain) => `{ events(${domain}) { ${page} } }`),
  'Query.supervisorStats': ofDomain('read', (domain) => `{ supervisorStats(${domain}, groupBy: [STATE]) { count } }`),
  'Query.pluginStats': ofDomain('read', (domain) => `{ pluginStats(${domain}, groupBy: [STATE]) { count } }`),
  'Query.apiKeys': ofDomain('operate', (domain) => `{ apiKeys(${domain}) { ${page} } }`),
  'Query.rollout': ofId('read', ({ rolloutId }) => `{ rollout(${id('id', rolloutId)}) { id } }`),
  'Query.rollouts': ofDomain('read', (domain) => `{ rollouts(${domain}) { ${page} } }`),
  'Query.release': ofId('read', ({ releaseId }) => `{ release(${id('id', releaseId)}) { id } }`),
  'Query.releases': ofDomain('read', (domain) => `{ releases(${domain}) { ${page} } }`),
  'Query.deployment': ofId('read', ({ deploymentId }) => `{ deployment(${id('id', deploymentId)}) { id } }`),
  'Query.deployments': ofDomain('read', (domain) => `{ deployments(${domain}) { ${page} } }`),
  'Query.explainPlacement': ofDomain(
    'read',
    (domain, its) => `{ explainPlacement(${domain}, ${pluginOf(its)}) { nodes { supervisorId } } }`,
  ),
  'Query.assignments': ofDomain(
    ['publish', 'operate'],
    (domain, { supervisorId }) =>
      `{ assignments(${domain}, ${id('supervisorId', supervisorId)}) { pluginInstanceId } }`,
  ),
  'Mutation.publishSupervisor': ofDomain(
    'publish',
    (domain) =>
      `mutation { publishSupervisor${input(domain, id('name', 'a'), id('hostname', 'a'))} { supervisor { id } } }`,
  ),
  'Mutation.registerSupervisor': ofId(
    'operate',
    ({ newcomerId }) => `mutation { registerSupervisor${input(id('supervisorId', newcomerId))} { supervisor { id } } }`,
  ),
  'Mutation.preregisterSupervisor': ofDomain(
    'operate',
    (domain, { supervisorId }) =>
      `mutation { preregisterSupervisor${input(domain, id('hostname', `new-${supervisorId}`))} { supervisor { id } } }`,
  ),
  'Mutation.updateSupervisor': command(
    'operate',
    (its) => `updateSupervisor${input(its, 'priority: 1')} { supervisor { id } }`,
  ),
  'Mutation.enableSupervisor': command('operate', (its) => `enableSupervisor${input(its)} { supervisor { id } }`),
  'Mutation.disableSupervisor': command('operate', (its) => `disableSupervisor${input(its)} { supervisor { id } }`),
  'Mutation.deregisterSupervisor': command(
    'operate',
    (its) => `deregisterSupervisor${input(its, 'force: true')} { deregisteredId }`,
  ),
  'Mutation.resetSupervisorSecret': command(
    'administer',
    (its) => `resetSupervisorSecret${input(its)} { supervisor { id } }`,
  ),
  'Mutation.recoverPlugin': command(
    'operate',
    (its, { pluginId }) => `recoverPlugin${input(its, id('pluginId', pluginId), id('version', '1'))} { plugin { id } }`,
  ),
  'Mutation.cordonSupervisor': command('operate', (its) => `cordonSupervisor${input(its)} { supervisor { id } }`),
  'Mutation.uncordonSupervisor': command('operate', (its) => `uncordonSupervisor${input(its)} { supervisor { id } }`),
  'Mutation.drainSupervisor': command('operate', (its) => `drainSupervisor${input(its)} { supervisor { id } }`),
  'Mutation.undrainSupervisor': command('operate', (its) => `undrainSupervisor${input(its)} { supervisor { id } }`),
  'Mutation.installPlugin': ofDomain(
    'operate',
    (domain, its) => `mutation { installPlugin${input(domain, pluginOf(its))} { plugin { id } } }`,
  ),
  'Mutation.uninstallPlugin': ofDomain(
    'operate',
    (domain, its) => `mutation { uninstallPlugin${input(domain, pluginOf(its))} { plugins { id } } }`,
  ),
  'Mutation.upgradePlugin': ofDomain('operate', (domain, { pluginId }) => {
    const upgrade = input(domain, id('pluginId', pluginId), id('from', '1'), id('to', '2'));
    return `mutation { upgradePlugin${upgrade} { rollout { id } } }`;
  }),
  'Mutation.pauseRollout': ofRollout('pauseRollout', 'PAUSED'),
  'Mutation.resumeRollout': ofRollout('resumeRollout', 'PAUSED'),
  'Mutation.cancelRollout': ofRollout('cancelRollout', 'PAUSED'),
  'Mutation.rollBackRollout': ofRollout('rollBackRollout', 'PAUSED'),
  'Mutation.promoteRollout': ofRollout('promoteRollout', 'AWAITING_PROMOTION'),
  'Mutation.retryRollout': ofRollout('retryRollout', 'COMPLETED'),
  'Mutation.publishRelease': ofDomain(
    'operate',
    (domain, its) => `mutation { publishRelease${input(domain, pluginOf(its), 'spec: {}')} { release { id } } }`,
  ),
  'Mutation.retireRelease': ofId(
    'operate',
    ({ releaseId }) => `mutation { retireRelease${input(id('releaseId', releaseId))} { release { id } } }`,
  ),
  'Mutation.createDeployment': ofDomain('operate', (domain, its) => {
    const fields = input(domain, id('name', `new-${its.pluginId}`), pluginOf(its), 'mode: ALL', 'dryRun: true');
    return `mutation { createDeployment${fields} { placementCount } }`;
  }),
  'Mutation.updateDeployment': ofDeployment('updateDeployment', 'isPaused: true'),
  'Mutation.deleteDeployment': ofDeployment('deleteDeployment', 'orphan: true'),
  'Mutation.acquirePluginEndpoint': ofDomain(
    'read',
    (domain, its) => `mutation { acquirePluginEndpoint${input(domain, pluginOf(its))} { state } }`,
  ),
  'Mutation.installPlugins': ofDomain(
    'operate',
    (domain, its) => `mutation { installPlugins${input(domain, pluginOf(its), 'all: true')} { items { targetId } } }`,
  ),
  'Mutation.uninstallPlugins': ofDomain('operate', (domain, its) => {
    const filter = `filter: { pluginId: { ${id('eq', its.pluginId)} } }`;
    return `mutation { uninstallPlugins${input(domain, filter)} { items { targetId } } }`;
  }),
  'Mutation.registerSupervisors': ofDomain(
    'operate',
    (domain) => `mutation { registerSupervisors${input(domain, 'all: true', 'dryRun: true')} { items { targetId } } }`,
  ),
  'Mutation.deregisterSupervisors': ofDomain(
    'operate',
    (domain) =>
      `mutation { deregisterSupervisors${input(domain, 'all: true', 'dryRun: true')} { items { targetId } } }`,
  ),
  'Mutation.blockHostnames': ofDomain(
    'operate',
    (domain) => `mutation { blockHostnames${input(domain, 'all: true', 'dryRun: true')} { items { targetId } } }`,
  ),
  'Mutation.enableSupervisors': ofDomain(
    'operate',
    (domain) => `mutation { enableSupervisors${input(domain, 'all: true')} { items { targetId } } }`,
  ),
  'Mutation.disableSupervisors': ofDomain(
    'operate',
    (domain) => `mutation { disableSupervisors${input(domain, 'all: true', 'dryRun: true')} { items { targetId } } }`,
  ),
  'Mutation.cordonSupervisors': ofDomain(
    'operate',
    (domain) => `mutation { cordonSupervisors${input(domain, 'all: true', 'dryRun: true')} { items { targetId } } }`,
  ),
  'Mutation.uncordonSupervisors': ofDomain(
    'operate',
    (domain) => `mutation { uncordonSupervisors${input(domain, 'all: true', 'dryRun: true')} { items { targetId } } }`,
  ),
  'Mutation.drainSupervisors': ofDomain(
    'operate',
    (domain) => `mutation { drainSupervisors${input(domain, 'all: true', 'dryRun: true')} { items { targetId } } }`,
  ),
  'Mutation.undrainSupervisors': ofDomain(
    'operate',
    (domain) => `mutation { undrainSupervisors${input(domain, 'all: true', 'dryRun: true')} { items { targetId } } }`,
  ),
  'Mutation.recoverPlugins': ofDomain(
    'operate',
    (domain) => `mutation { recoverPlugins${input(domain, 'all: true')} { items { targetId } } }`,
  ),
  'Mutation.releaseHeldSupervisors': ofDomain(
    'operate',
    (domain) => `mutation { releaseHeldSupervisors${input(domain)} { __typename } }`,
  ),
  'Mutation.createApiKey': ofDomain(
    'operate',
    (domain) => `mutation { createApiKey${input(domain, id('name', 'a'), 'role: VIEWER')} { apiKey { id } } }`,
  ),
  'Mutation.createAgentToken': ofDomain(
    'operate',
    (domain) => `mutation { createAgentToken${input(domain, id('hostname', 'a'))} { apiKey { id } } }`,
  ),
  'Mutation.createEnrollmentKey': ofDomain(
    'operate',
    (domain) =>
      `mutation { createEnrollmentKey${input(domain, id('name', 'a'), 'maxNewcomers: 1')} { apiKey { id } } }`,
  ),
  'Query.blockedHostnames': ofDomain(
    'operate',
    (domain) => `{ blockedHostnames(${domain}) { totalCount nodes { domainId hostname } } }`,
  ),
  'Mutation.blockHostname': ofDomain(
    'operate',
    (domain) =>
      `mutation { blockHostname${input(domain, id('hostname', 'blocked'))} { blockedHostname { hostname } } }`,
  ),
  'Mutation.unblockHostname': ofDomain(
    'operate',
    (domain) => `mutation { unblockHostname${input(domain, id('hostname', 'unwelcome'))} { unblockedHostname } }`,
  ),
  'Mutation.revokeApiKey': ofId(
    'operate',
    ({ keyId }) => `mutation { revokeApiKey${input(id('apiKeyId', keyId))} { apiKey { id } } }`,
  ),
  'Subscription.supervisorStateChanged': ofDomain(
    'read',
    (domain) => `subscription { supervisorStateChanged(${domain}) { cursor } }`,
  ),
  'Subscription.pluginStateChanged': ofDomain(
    'read',
    (domain) => `subscription { pluginStateChanged(${domain}) { cursor } }`,
  ),
  'Subscription.watchSupervisors': ofDomain(
    'read',
    (domain) => `subscription { watchSupervisors(${domain}) { type } }`,
  ),
  'Subscription.rolloutChanged': ofId(
    'read',
    ({ rolloutId }) => `subscription { rolloutChanged(${id('id', rolloutId)}) { cursor } }`,
  ),
  'Subscription.deploymentChanged': ofId(
    'read',
    ({ deploymentId }) => `subscription { deploymentChanged(${id('id', deploymentId)}) { cursor } }`,
  ),
  'Subscription.watchAssignments': ofDomain(
    ['publish', 'operate'],
    (domain, { supervisorId }) =>
      `subscription { watchAssignments(${domain}, ${id('supervisorId', supervisorId)}) { cursor } }`,
  ),
  'Subscription.watchPlugins': ofDomain('read', (domain) => `subscription { watchPlugins(${domain}) { type } }`),
};
