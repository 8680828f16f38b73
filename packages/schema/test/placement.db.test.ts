import { openViewer, publishSupervisor, registerSupervisor } from '@muster/core';
import { beforeAll, expect, test } from 'vitest';
import { useTestApi } from '../testing/testApi.ts';

/** An operator's way through installs, upgrades and drains, and its agents', one after another. */
const api = useTestApi();
const domainId = 'domain-placement';
const ids: string[] = [];
const pluginId = 'collector';

beforeAll(async () => {
  for (const hostname of ['a', 'b']) {
    const { supervisor } = await publishSupervisor(api.core, openViewer, { domainId, name: hostname, hostname });
    const priority = hostname === 'a' ? 5 : 0;
    await registerSupervisor(api.core, openViewer, { supervisorId: supervisor.id, priority });
    ids.push(supervisor.id);
  }
});

const mutate = async (name: string, input: object, selection: string) => {
  const type = `${name.slice(0, 1).toUpperCase()}${name.slice(1)}Input`;
  const query = `mutation ($input: ${type}!) { ${name}(input: $input) { ${selection} } }`;
  return (await api.ask<Record<string, unknown>>(query, { input }))[name];
};

/** The agent's tick: it runs what is in its list. */
async function tick(hostname: string): Promise<string[]> {
  const query = `query ($hostname: String) {
    assignments(domainId: "${domainId}", hostname: $hostname) { pluginId version generation state }
  }`;
  const { assignments } = await api.ask<{ assignments: { pluginId: string; version: string; generation: number }[] }>(
    query,
    { hostname },
  );
  const plugins = assignments.map(({ generation, pluginId, version }) => ({
    pluginId,
    version,
    state: 'ACTIVE' as const,
    endpoint: `grpc://${hostname}-${version}:1`,
    observedGeneration: generation,
  }));
  await publishSupervisor(api.core, openViewer, { domainId, name: hostname, hostname, plugins });
  return assignments.map(({ version }) => version);
}

test('explainPlacement tells the order, and installPlugin follows it', async () => {
  const query = `{ explainPlacement(domainId: "${domainId}", pluginId: "x", version: "1") {
    totalCount nodes { supervisorId name rank rejectedBy message } pageInfo { hasNextPage }
  } }`;
  expect(await api.ask(query)).toEqual({
    explainPlacement: {
      totalCount: 2,
      nodes: [
        { supervisorId: ids[0], name: 'a', rank: 1, rejectedBy: null, message: null },
        { supervisorId: ids[1], name: 'b', rank: 2, rejectedBy: null, message: null },
      ],
      pageInfo: { hasNextPage: false },
    },
  });
  const install = { domainId, pluginId, version: '1.0' };
  expect(await mutate('installPlugin', install, 'changed plugin { supervisorId state managed wanted }')).toEqual({
    changed: true,
    plugin: { supervisorId: ids[0], state: 'PROVISIONING', managed: true, wanted: true },
  });
  expect(await mutate('acquirePluginEndpoint', install, 'endpoint state plugin { state }')).toEqual({
    endpoint: null,
    state: 'PROVISIONING',
    plugin: { state: 'PROVISIONING' },
  });
  expect(await tick('a')).toEqual(['1.0']);
  expect(await mutate('acquirePluginEndpoint', install, 'endpoint version state')).toEqual({
    endpoint: 'grpc://a-1.0:1',
    version: '1.0',
    state: 'ACTIVE',
  });
});

test('NO_POSSIBLE_SUPERVISOR carries what explainPlacement tells', async () => {
  const input = { domainId, pluginId: 'other', version: '1', labels: { env: 'none' } };
  const query = 'mutation ($input: InstallPluginInput!) { installPlugin(input: $input) { changed } }';
  expect(await api.refusal(query, { input })).toEqual({ code: 'NO_POSSIBLE_SUPERVISOR' });
});

test('R5, R7: an upgrade is commanded, and has progress that one can query, list and follow', async () => {
  const selection = 'id state steps { nodes { state supervisor { name } } }';
  const begun = await mutate(
    'upgradePlugin',
    { domainId, pluginId, from: '1.0', to: '2.0', minHealthySeconds: 0, canary: { count: 1, autoPromoteSeconds: 60 } },
    `rollout { ${selection} }`,
  );
  const { rollout } = begun as { rollout: { id: string } };
  expect(rollout).toMatchObject({
    state: 'RUNNING',
    steps: { nodes: [{ state: 'INSTALLING', supervisor: { name: 'a' } }] },
  });
  const changes = await api.watch(
    'subscription ($id: ID!) { rolloutChanged(id: $id) { kind supervisorId from to actor reason rollout { state } } }',
    { id: rollout.id },
  );
  const next = async () => JSON.parse(JSON.stringify((await changes.next()).value));
  expect(await next()).toMatchObject({ data: { rolloutChanged: { rollout: { state: 'RUNNING' } } } });
  expect(await tick('a')).toEqual(['1.0', '2.0']);
  const canary = 'rollout { state canary { count autoPromoteSeconds promotedAt } }';
  expect(await mutate('pauseRollout', { rolloutId: rollout.id }, canary)).toEqual({
    rollout: { state: 'PAUSED', canary: { count: 1, autoPromoteSeconds: 60, promotedAt: null } },
  });
  expect(await next()).toMatchObject({
    data: {
      rolloutChanged: {
        kind: 'ROLLOUT_STATE_CHANGED',
        supervisorId: null,
        from: 'RUNNING',
        to: 'PAUSED',
        reason: 'PAUSE_REQUESTED',
        rollout: { state: 'PAUSED' },
      },
    },
  });
  const resumed = await mutate(
    'resumeRollout',
    { rolloutId: rollout.id },
    'rollout { state steps { nodes { state } } }',
  );
  expect(resumed).toEqual({ rollout: { state: 'COMPLETED', steps: { nodes: [{ state: 'DONE' }] } } });
  let told = await next();
  while (told.data.rolloutChanged.to !== 'COMPLETED') told = await next();
  await changes.return(undefined);
  expect(await api.ask(`{ rollouts(domainId: "${domainId}") { totalCount nodes { id from to } } }`)).toEqual({
    rollouts: { totalCount: 1, nodes: [{ id: rollout.id, from: '1.0', to: '2.0' }] },
  });
  const counts = `query ($id: ID!) { node(id: $id) { ... on Rollout {
    done: steps(filter: { state: { eq: DONE } }, first: 0) { totalCount }
    others: steps(filter: { state: { ne: DONE } }, first: 0) { totalCount }
  } } }`;
  expect(await api.ask(counts, { id: rollout.id })).toEqual({
    node: { done: { totalCount: 1 }, others: { totalCount: 0 } },
  });
  expect(await tick('a')).toEqual(['2.0']);
});

test('an agent that follows its list is told of all of it whenever it changes', async () => {
  const lists = await api.watch(
    `subscription { watchAssignments(supervisorId: "${ids[1]}") { assignments { version } } }`,
  );
  const next = async () => JSON.parse(JSON.stringify((await lists.next()).value));
  expect(await next()).toEqual({ data: { watchAssignments: { assignments: [] } } });
  const drain =
    'supervisor { cordoned drain { state left { totalCount nodes { plugin { version } reason replacement { supervisorId state } } } } }';
  expect(await mutate('drainSupervisor', { supervisorId: ids[0], deadlineSeconds: 60 }, drain)).toEqual({
    supervisor: {
      cordoned: true,
      drain: {
        state: 'DRAINING',
        left: {
          totalCount: 1,
          nodes: [
            {
              plugin: { version: '2.0' },
              reason: 'REPLACING',
              replacement: { supervisorId: ids[1], state: 'PROVISIONING' },
            },
          ],
        },
      },
    },
  });
  expect(await next()).toEqual({ data: { watchAssignments: { assignments: [{ version: '2.0' }] } } });
  await lists.return(undefined);
  expect(await mutate('undrainSupervisor', { supervisorId: ids[0] }, drain)).toEqual({
    supervisor: { cordoned: false, drain: null },
  });
  expect(await mutate('cordonSupervisor', { supervisorId: ids[0] }, 'supervisor { cordoned }')).toEqual({
    supervisor: { cordoned: true },
  });
  expect(await mutate('uncordonSupervisor', { supervisorId: ids[0] }, 'supervisor { cordoned }')).toEqual({
    supervisor: { cordoned: false },
  });
});

test('bulk changes tell of each item; an uninstalled plugin is no longer wanted', async () => {
  const items = 'items { targetId outcome code }';
  const filter = { hostname: { eq: 'b' } };
  expect(await mutate('disableSupervisors', { domainId, filter, dryRun: true }, items)).toEqual({
    items: [{ targetId: ids[1], outcome: 'CHANGED', code: null }],
  });
  expect(await mutate('enableSupervisors', { domainId, filter }, items)).toEqual({
    items: [{ targetId: ids[1], outcome: 'UNCHANGED', code: null }],
  });
  expect(await mutate('installPlugins', { domainId, filter, pluginId: 'w', version: '1' }, items)).toEqual({
    items: [{ targetId: ids[1], outcome: 'CHANGED', code: null }],
  });
  expect(
    await mutate('uninstallPlugins', { domainId, filter: { pluginId: { eq: 'w' } } }, 'items { outcome }'),
  ).toEqual({ items: [{ outcome: 'CHANGED' }] });
  expect(
    await mutate('uninstallPlugin', { domainId, pluginId: 'w', version: '1' }, 'plugins { wanted reason }'),
  ).toEqual({ plugins: [{ wanted: false, reason: 'UNINSTALLED' }] });
});

test('an unknown supervisor has no list, not even an empty one', async () => {
  const query = `{ assignments(domainId: "${domainId}", hostname: "unknown") { version } }`;
  expect(await api.refusal(query)).toEqual({ code: 'NOT_FOUND' });
});
