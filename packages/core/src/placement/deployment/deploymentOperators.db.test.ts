import { beforeEach, describe, expect, test } from 'vitest';
import { useDeploymentTest } from '../../../testing/deployments.ts';
import { eventsOf, publish, refusalOf } from '../../../testing/testCore.ts';
import {
  cordonSupervisor,
  drainSupervisor,
  installPlugin,
  undrainSupervisor,
  uninstallPlugin,
  upgradePlugin,
} from '../../index.ts';
import { listLeftOn, readDrainItems } from '../drain/drainProgress.ts';

const d = useDeploymentTest();

beforeEach(() => d.begin());

const operate = () => ({ core: d.t.core, operator: d.domain.operator });

describe('D1, C3: a drain', () => {
  test('takes off what a deployment for ALL has there, and undrained the supervisor gets it back', async () => {
    const supervisorId = await d.join('a');
    await d.join('b');
    const deployment = await d.create();
    await d.settle('a', 'b');
    const { core, operator } = operate();
    await drainSupervisor(core, operator, { supervisorId });
    await d.settle('a', 'b');
    expect(await d.wanted()).toEqual(['b 1.0']);
    const { drainState } = await d.t.db.prisma.supervisor.findUniqueOrThrow({ where: { id: supervisorId } });
    expect(drainState).toBe('DRAINED');
    expect(await d.read(deployment)).toMatchObject({ desired: 1, active: 1, conditions: [] });
    await undrainSupervisor(core, operator, { supervisorId });
    await d.settle('a', 'b');
    expect(await d.wanted()).toEqual(['a 1.0', 'b 1.0']);
  });

  test('has a deployment with a COUNT place it elsewhere first; where nobody can take it, it stays, and says so', async () => {
    const supervisorId = await d.join('a');
    const deployment = await d.create({ mode: 'COUNT', count: 1 });
    await d.settle('a');
    const { core, operator } = operate();
    await drainSupervisor(core, operator, { supervisorId });
    await d.settle('a');
    expect(await d.wanted()).toEqual(['a 1.0']);
    expect(await d.conditions(deployment)).toEqual(['NO_CANDIDATE']);
    const left = (await listLeftOn(core, operator, [supervisorId], {})).get(supervisorId);
    const ids = left?.edges.map(({ node }) => node.id) ?? [];
    expect([...(await readDrainItems(core, ids)).values()].map(({ reason }) => reason)).toEqual(['DEPLOYMENT']);
    await d.join('b');
    await d.advance();
    expect(await d.wanted()).toEqual(['a 1.0', 'b 1.0']);
    await d.settle('a', 'b');
    expect(await d.wanted()).toEqual(['b 1.0']);
  });
});

test('C2: a cordoned supervisor keeps it, and gets nothing new', async () => {
  const supervisorId = await d.join('a');
  await d.create();
  const { core, operator } = operate();
  await cordonSupervisor(core, operator, { supervisorId });
  await cordonSupervisor(core, operator, { supervisorId: await d.join('b') });
  await d.settle('a', 'b');
  expect(await d.wanted()).toEqual(['a 1.0']);
});

test('C2: a paused deployment begins nothing new, and goes on once it is resumed', async () => {
  await d.join('a');
  const deployment = await d.create();
  await d.settle('a');
  await d.update(deployment, { isPaused: true, version: '2.0' });
  await d.join('b');
  await d.settle('a', 'b');
  expect(await d.wanted()).toEqual(['a 1.0']);
  expect(await d.conditions(deployment)).toEqual(['PAUSED']);
  await d.update(deployment, { isPaused: false });
  await d.settle('a', 'b');
  expect(await d.wanted()).toEqual(['a 2.0', 'b 2.0']);
});

test('C2: a pause holds the rollout that is under way: steps end, and no other begins', async () => {
  await d.join('a');
  await d.join('b');
  const deployment = await d.create({ maxUnavailable: 1 });
  await d.settle('a', 'b');
  await d.update(deployment, { version: '2.0' });
  await d.update(deployment, { isPaused: true });
  await d.settle('a', 'b');
  expect((await d.wanted()).map((each) => each.slice(-3)).sort()).toEqual(['1.0', '2.0']);
  await d.update(deployment, { isPaused: false });
  await d.settle('a', 'b');
  expect(await d.wanted()).toEqual(['a 2.0', 'b 2.0']);
});

test('C3: asked for the old version a rollout goes back; asked for a third one it ends, and the next begins', async () => {
  await d.join('a');
  const deployment = await d.create();
  await d.settle('a');
  const states = async () => {
    const found = await d.t.db.prisma.rollout.findMany({
      where: { deploymentId: deployment.id },
      orderBy: { createdAt: 'asc' },
    });
    return found.map(({ state, toVersion }) => `${toVersion} ${state}`);
  };
  await d.update(deployment, { version: '2.0' });
  await d.update(deployment, { version: '1.0' });
  await d.settle('a');
  expect([await states(), await d.wanted()]).toEqual([['2.0 ROLLED_BACK'], ['a 1.0']]);
  expect(await d.conditions(deployment)).toEqual([]);
  await d.update(deployment, { version: '2.0' });
  await d.update(deployment, { version: '3.0' });
  await d.settle('a');
  expect([await states(), await d.wanted()]).toEqual([['2.0 ROLLED_BACK', '2.0 CANCELED', '3.0 COMPLETED'], ['a 3.0']]);
});

test('C4, R6: what an operator installs while a rollout goes back is not taken off by it', async () => {
  await d.join('a');
  const deployment = await d.create();
  await d.settle('a');
  await d.update(deployment, { version: '2.0' });
  await d.settle('a');
  // The old version, which comes back, is not up yet.
  await d.update(deployment, { version: '1.0' });
  expect(await d.wanted()).toEqual(['a 1.0', 'a 2.0']);
  const { core, operator } = operate();
  await uninstallPlugin(core, operator, { pluginId: d.pluginId, version: '2.0', supervisorId: d.idOf('a') });
  await installPlugin(core, operator, { pluginId: d.pluginId, version: '2.0', supervisorId: d.idOf('a') });
  await d.settle('a');
  expect(await d.wanted()).toEqual(['a 1.0', 'a 2.0*']);
});

test('C3: an upgrade by hand is for one-off installs alone', async () => {
  await d.join('a');
  const supervisorId = await d.join('b', { tier: 'other' });
  await d.create({ filter: { labels: { hasKey: 'tier' } } });
  await d.settle('a', 'b');
  const upgrade = { pluginId: d.pluginId, from: '1.0', to: '2.0', minHealthySeconds: 0 };
  const { core, operator } = operate();
  expect(await refusalOf(upgradePlugin(core, operator, upgrade))).toMatchObject({ code: 'PLUGIN_STATE' });
  const target = { pluginId: d.pluginId, version: '1.0', supervisorId: d.idOf('a') };
  await installPlugin(core, operator, target);
  await d.settle('a', 'b');
  await upgradePlugin(core, operator, upgrade);
  await d.settle('a', 'b');
  expect(await d.wanted()).toEqual(['a 2.0*', 'b 1.0']);
  expect(supervisorId).toBe(d.idOf('b'));
});

test('C4: where the new version is there as a one-off install it is adopted, and the old one goes', async () => {
  await d.join('a');
  const deployment = await d.create();
  const { core, operator } = operate();
  await installPlugin(core, operator, { pluginId: d.pluginId, version: '2.0', supervisorId: d.idOf('a') });
  await d.settle('a');
  expect(await d.wanted()).toEqual(['a 1.0', 'a 2.0*']);
  await d.update(deployment, { version: '2.0' });
  await d.settle('a');
  expect(await d.wanted()).toEqual(['a 2.0']);
  expect(await d.t.db.prisma.rollout.count({ where: { deploymentId: deployment.id } })).toBe(0);
});

test('C4: COUNT gives way to an older deployment that comes to claim its supervisor, though no other is left', async () => {
  await d.join('a', { tier: 'edge' });
  const older = await d.create({ labels: { tier: 'core' } });
  const newer = await d.create({ name: 'newer', version: '2.0', mode: 'COUNT', count: 1 });
  await d.settle('a');
  expect(await d.wanted()).toEqual(['a 2.0']);
  await d.update(older, { labels: { tier: 'edge' } });
  await d.settle('a');
  expect(await d.wanted()).toEqual(['a 1.0']);
  expect(await d.conditions(newer)).toEqual(['NO_CANDIDATE', 'CONFLICT']);
});

test('C3: no more than maxUnavailable supervisors are changed at a time', async () => {
  const names = ['a', 'b', 'c', 'e', 'f'];
  for (const name of names) await d.join(name);
  const deployment = await d.create({ maxUnavailable: 2 });
  expect(await d.wanted()).toHaveLength(2);
  await d.advance();
  expect(await d.wanted()).toHaveLength(2);
  for (const name of names) await d.report(name);
  await d.advance();
  expect(await d.wanted()).toHaveLength(4);
  await d.settle(...names);
  expect(await d.wanted()).toHaveLength(5);
  await d.update(deployment, { labels: { tier: 'none' } });
  expect(await d.wanted()).toHaveLength(3);
});

test('E1: an update that changes nothing is no change, and no event', async () => {
  await d.join('a');
  const deployment = await d.create();
  await d.settle('a');
  const before = [await d.read(deployment), await eventsOf(d.t, d.domain)];
  await d.update(deployment, { version: '1.0', mode: 'ALL', isPaused: false, labels: {} });
  expect([await d.read(deployment), await eventsOf(d.t, d.domain)]).toEqual(before);
});

test('M7, L2: a heartbeat in which nothing changes has no deployment looked at', async () => {
  await d.join('a');
  await d.create();
  await d.settle('a');
  const place = () => d.t.db.sql.query('SELECT ctid, xmin, seq FROM deployment_progress');
  await d.advance();
  const before = await place();
  await d.report('a');
  await publish(d.t, d.domain, { hostname: 'a' });
  await d.advance();
  expect(await place()).toEqual(before);
});

test('C4: what the newer has on a supervisor stays until the older, which comes to claim it, is served there', async () => {
  await d.join('a', { tier: 'edge' });
  const older = await d.create({ labels: { tier: 'core' } });
  const newer = await d.create({ name: 'newer', version: '2.0' });
  await d.settle('a');
  await d.update(older, { labels: { tier: 'edge' }, isPaused: true });
  await d.settle('a');
  expect(await d.wanted()).toEqual(['a 2.0']);
  expect(await d.conditions(newer)).toEqual(['CONFLICT']);
  await d.update(older, { isPaused: false });
  await d.advance();
  expect(await d.wanted()).toEqual(['a 1.0', 'a 2.0']);
  await d.settle('a');
  expect(await d.wanted()).toEqual(['a 1.0']);
});
