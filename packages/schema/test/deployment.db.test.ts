import { randomBytes } from 'node:crypto';
import { publishSupervisor, registerSupervisor, type Viewer } from '@muster/core';
import { expect, test } from 'vitest';
import { useTestApi } from '../testing/testApi.ts';

const api = useTestApi();

interface Tenant {
  readonly operator: Viewer;
  readonly viewer: Viewer;
  join(hostname: string, labels: object): Promise<string>;
}

/** A domain that no other test has. */
function tenant(): Tenant {
  const domainId = `d-${randomBytes(4).toString('hex')}`;
  const as = (role: Viewer['role']): Viewer => ({ subject: role, role, domainId });
  return {
    operator: as('OPERATOR'),
    viewer: as('VIEWER'),
    join: async (hostname, labels) => {
      const { supervisor } = await publishSupervisor(api.core, as('SUPERVISOR'), { hostname, name: hostname });
      await registerSupervisor(api.core, as('OPERATOR'), { supervisorId: supervisor.id, labels });
      return supervisor.id;
    },
  };
}

const create = `mutation ($input: CreateDeploymentInput!) { createDeployment(input: $input) {
  deployment { id name pluginId version labels filter mode count isPaused actor rolloutSettings { maxFailures canary { count } }
    status { desired active conditions { type message } } rollout { id } instances { nodes { supervisorName reason } } }
  placementCount placements { supervisorId name action rejectedBy message } } }`;
const input = { name: 'edge', pluginId: 'collector', version: '1.0', mode: 'ALL' };

test('C2: a deployment is created, read, explained, changed and deleted', async () => {
  const { operator, viewer, join } = tenant();
  const id = await join('a', { tier: 'edge' });
  await join('b', { tier: 'core' });
  const filter = { labels: { contains: { tier: 'edge' } }, registeredAt: { gt: '2020-01-01T00:00:00.000Z' } };
  const placements = [{ supervisorId: id, name: 'a', action: 'INSTALL', rejectedBy: null, message: null }];
  const rehearsed = await api.ask(create, { input: { ...input, filter, dryRun: true } }, operator);
  expect(rehearsed).toEqual({ createDeployment: { deployment: null, placementCount: 1, placements } });
  const made = await api.ask<{ createDeployment: { deployment: { id: string } } }>(
    create,
    { input: { ...input, filter, rolloutSettings: { canary: { count: 1 } } } },
    operator,
  );
  expect(made.createDeployment).toMatchObject({
    deployment: {
      ...input,
      filter,
      labels: {},
      count: null,
      actor: 'OPERATOR',
      rolloutSettings: { maxFailures: 0, canary: { count: 1 } },
      status: { desired: 1, active: 0, conditions: [] },
      rollout: null,
      instances: { nodes: [{ supervisorName: 'a', reason: 'DEPLOYED' }] },
    },
    placements,
  });
  const deploymentId = made.createDeployment.deployment.id;
  const read = `query ($id: ID!, $text: String!) {
    byId: deployment(id: $id) { name } byName: deployment(name: "edge") { id } node(id: $id) { __typename }
    deployments(filter: {name: {eq: "edge"}, mode: {eq: ALL}}, orderBy: [{field: CREATED_AT, direction: DESC}]) { totalCount nodes { name } }
    plugins(filter: {deploymentId: {eq: $text}}) { nodes { deploymentId } }
    explainPlacement(deploymentId: $id) { nodes { name action rejectedBy lackingLabels } }
    events(filter: {deploymentId: {eq: $text}}) { nodes { kind actor reason } } }`;
  expect(await api.ask(read, { id: deploymentId, text: deploymentId }, viewer)).toEqual({
    byId: { name: 'edge' },
    byName: { id: deploymentId },
    node: { __typename: 'Deployment' },
    deployments: { totalCount: 1, nodes: [{ name: 'edge' }] },
    plugins: { nodes: [{ deploymentId }] },
    explainPlacement: {
      nodes: [
        { name: 'a', action: 'KEEP', rejectedBy: null, lackingLabels: null },
        { name: 'b', action: null, rejectedBy: 'FILTER', lackingLabels: null },
      ],
    },
    events: {
      nodes: [
        { kind: 'DEPLOYMENT_CREATED', actor: 'OPERATOR', reason: 'CREATE_REQUESTED' },
        // Its status.
        { kind: 'DEPLOYMENT_UPDATED', actor: 'OPERATOR', reason: 'CREATE_REQUESTED' },
      ],
    },
  });
  const remove = `mutation ($input: DeleteDeploymentInput!) { deleteDeployment(input: $input) { deployment { id } placements { action } } }`;
  expect(await api.ask(remove, { input: { deploymentId, dryRun: true } }, operator)).toEqual({
    deleteDeployment: { deployment: { id: deploymentId }, placements: [{ action: 'WITHDRAW' }] },
  });
  await api.ask(remove, { input: { deploymentId } }, operator);
  expect(await api.ask('query ($id: ID!) { deployment(id: $id) { id } }', { id: deploymentId }, viewer)).toEqual({
    deployment: null,
  });
});

test('M7, E3: whoever watches a deployment sees it as it is, then each change, and resumes after any of them', async () => {
  const { operator, viewer, join } = tenant();
  const made = await api.ask<{ createDeployment: { deployment: { id: string } } }>(create, { input }, operator);
  const { id } = made.createDeployment.deployment;
  const watch = `subscription ($id: ID!, $after: Cursor) { deploymentChanged(id: $id, after: $after) {
    cursor kind actor deployment { isPaused status { desired } } } }`;
  const stream = await api.watch(watch, { id }, viewer);
  const next = async () => (await stream.next()).value.data.deploymentChanged;
  expect(await next()).toMatchObject({ kind: null, deployment: { isPaused: false, status: { desired: 0 } } });
  await api.ask(
    'mutation ($id: ID!) { updateDeployment(input: {deploymentId: $id, isPaused: true}) { placementCount } }',
    { id },
    operator,
  );
  const change = await next();
  expect(change).toMatchObject({ kind: 'DEPLOYMENT_UPDATED', actor: 'OPERATOR', deployment: { isPaused: true } });
  await stream.return?.(undefined);
  await join('a', {});
  await api.ask(
    'mutation ($id: ID!) { updateDeployment(input: {deploymentId: $id, isPaused: false}) { placementCount } }',
    { id },
    operator,
  );
  const resumed = await api.watch(watch, { id, after: change.cursor }, viewer);
  expect((await resumed.next()).value.data.deploymentChanged).toMatchObject({
    kind: 'DEPLOYMENT_UPDATED',
    deployment: { isPaused: false, status: { desired: 1 } },
  });
  await resumed.return?.(undefined);
});

test.each<[string, object, (string | number)[]]>([
  ['a filter of nothing', { filter: {} }, ['filter']],
  ['an operand that was forgotten', { filter: { name: { eq: null } } }, ['filter', 'name', 'eq']],
  ['plugins', { filter: { or: [{ plugins: { none: {} } }] } }, ['filter', 'or', 0, 'plugins']],
  ['what no event tells', { filter: { lastSeenAt: { gt: '2026-01-01T00:00:00Z' } } }, ['filter', 'lastSeenAt']],
  ['COUNT without a count', { mode: 'COUNT' }, ['count']],
  ['ALL with a count', { count: 1 }, ['count']],
  ['a count below 0', { mode: 'COUNT', count: -1 }, ['count']],
  ['a round of nobody', { maxUnavailable: 0 }, ['maxUnavailable']],
  ['a blank name', { name: ' ' }, ['name']],
  [
    'a time of health past the deadline',
    { rolloutSettings: { minHealthySeconds: 9, healthyDeadlineSeconds: 9 } },
    ['rolloutSettings', 'minHealthySeconds'],
  ],
])('C2: %s is BAD_USER_INPUT, with its path', async (_, wrong, path) => {
  const refused = await api.refusal(create, { input: { ...input, ...wrong } }, tenant().operator);
  expect(refused).toEqual({ code: 'BAD_USER_INPUT', path: ['input', ...path] });
});

test('C2: a name is given once in a domain', async () => {
  const { operator } = tenant();
  await api.ask(create, { input }, operator);
  expect(await api.refusal(create, { input }, operator)).toEqual({ code: 'BAD_USER_INPUT', path: ['input', 'name'] });
});

test('M7: an uninstall by hand says which deployment brings the plugin back', async () => {
  const { operator, join } = tenant();
  await join('a', {});
  await api.ask(create, { input }, operator);
  const uninstall =
    'mutation { uninstallPlugin(input: {pluginId: "collector", version: "1.0"}) { count keptBy { name } } }';
  expect(await api.ask(uninstall, {}, operator)).toEqual({
    uninstallPlugin: { count: 1, keptBy: [{ name: 'edge' }] },
  });
});

test('A3: a deployment of another domain is no deployment', async () => {
  const { operator } = tenant();
  const made = await api.ask<{ createDeployment: { deployment: { id: string } } }>(create, { input }, operator);
  const { id } = made.createDeployment.deployment;
  const stranger = tenant().operator;
  expect(await api.ask('query ($id: ID!) { deployment(id: $id) { id } }', { id }, stranger)).toEqual({
    deployment: null,
  });
  const explain = 'query ($id: ID!) { explainPlacement(deploymentId: $id) { nodes { name } } }';
  expect(await api.refusal(explain, { id }, stranger)).toEqual({ code: 'NOT_FOUND' });
});
