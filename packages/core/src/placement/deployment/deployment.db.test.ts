import { beforeEach, expect, test } from 'vitest';
import { useDeploymentTest } from '../../../testing/deployments.ts';
import { refusalOf } from '../../../testing/testCore.ts';
import { createDeployment, installPlugin, publishRelease, retireRelease, uninstallPlugin } from '../../index.ts';

const d = useDeploymentTest();

beforeEach(() => d.begin());

test('C2, C3, M7: a supervisor that comes to match gets the plugin, and one that no longer matches loses it', async () => {
  await d.join('a', { tier: 'edge' });
  await d.join('b', { tier: 'core' });
  const deployment = await d.create({ labels: { tier: 'edge' } });
  expect(await d.wanted()).toEqual(['a 1.0']);
  await d.label('b', { tier: 'edge', zone: 'x' });
  await d.join('c', { tier: 'edge' });
  await d.advance();
  expect(await d.wanted()).toEqual(['a 1.0', 'b 1.0', 'c 1.0']);
  await d.label('a', { tier: 'core' });
  await d.settle('a', 'b', 'c');
  expect(await d.wanted()).toEqual(['b 1.0', 'c 1.0']);
  expect(await d.read(deployment)).toMatchObject({ desired: 2, active: 2, updating: 0, failed: 0, conditions: [] });
  expect((await d.plugins()).map(({ supervisor }) => supervisor.hostname).sort()).toEqual(['b', 'c']);
});

test('C3: a supervisor that is merely offline keeps it, and is told as OFFLINE', async () => {
  await d.join('a');
  await d.join('b');
  const deployment = await d.create();
  await d.settle('a', 'b');
  await d.leave('b');
  expect(await d.wanted()).toEqual(['a 1.0', 'b 1.0']);
  expect(await d.conditions(deployment)).toEqual(['OFFLINE']);
  await d.settle('a', 'b');
  expect(await d.read(deployment)).toMatchObject({ desired: 2, active: 2, conditions: [] });
});

test('C3: a change of version is a rollout with the settings of the deployment, and newcomers join it', async () => {
  await d.join('a');
  await d.join('b');
  const deployment = await d.create({ maxUnavailable: 1 });
  await d.settle('a', 'b');
  await d.update(deployment, { version: '2.0' });
  const { rolloutId } = await d.read(deployment);
  expect(await d.t.db.prisma.rollout.findUnique({ where: { id: rolloutId ?? '' } })).toMatchObject({
    fromVersion: '1.0',
    toVersion: '2.0',
    maxUnavailable: 1,
    minHealthySeconds: 0,
    deploymentId: deployment.id,
  });
  await d.join('c');
  await d.advance();
  expect((await d.wanted()).filter((each) => each.startsWith('c'))).toEqual(['c 1.0']);
  await d.settle('a', 'b', 'c');
  expect(await d.wanted()).toEqual(['a 2.0', 'b 2.0', 'c 2.0']);
  expect(await d.read(deployment)).toMatchObject({ desired: 3, active: 3, updating: 0, conditions: [] });
});

test('C3: after a rollout that went back, the deployment says so, and begins no other by itself', async () => {
  await d.join('a');
  const deployment = await d.create();
  await d.settle('a');
  await d.update(deployment, { version: '2.0' });
  const failing = ({ version }: { version: string }) => (version === '2.0' ? ('ERROR' as const) : ('ACTIVE' as const));
  await d.report('a', failing);
  d.t.advance(601_000);
  await d.report('a', failing);
  await d.sweep();
  await d.settle('a');
  expect(await d.wanted()).toEqual(['a 1.0']);
  expect(await d.conditions(deployment)).toEqual(['ROLLOUT_HALTED']);
  expect(await d.t.db.prisma.rollout.count({ where: { deploymentId: deployment.id } })).toBe(1);
  // A newcomer gets what the others run.
  await d.join('b');
  await d.settle('a', 'b');
  expect(await d.wanted()).toEqual(['a 1.0', 'b 1.0']);
  await d.update(deployment, { version: '2.0' });
  await d.settle('a', 'b');
  expect(await d.wanted()).toEqual(['a 2.0', 'b 2.0']);
  expect(await d.conditions(deployment)).toEqual([]);
});

test('C2: COUNT is spread over the values of a label', async () => {
  for (const [hostname, zone] of Object.entries({ a: 'x', b: 'x', c: 'x', e: 'y', f: 'z' })) {
    await d.join(hostname, { zone });
  }
  await d.create({ mode: 'COUNT', count: 3, spreadBy: 'zone' });
  const zones = (await d.plugins()).map(({ supervisor }) => (supervisor.labels as { zone: string }).zone);
  expect(zones.sort()).toEqual(['x', 'y', 'z']);
});

test('C3: COUNT places a plugin elsewhere whose supervisor stays away, and takes it off there when that returns', async () => {
  await d.join('a', { zone: 'x' });
  const deployment = await d.create({ mode: 'COUNT', count: 1, replaceAfterSeconds: 60 });
  await d.settle('a');
  await d.join('b');
  await d.leave('b');
  expect(await d.wanted()).toEqual(['a 1.0']);
  expect(await d.conditions(deployment)).toEqual(['OFFLINE']);
  d.t.advance(61_000);
  await d.report('b');
  await d.sweep();
  // The one that is away goes only once another serves.
  expect(await d.wanted()).toEqual(['a 1.0', 'b 1.0']);
  await d.settle('b');
  expect(await d.wanted()).toEqual(['b 1.0']);
  await d.settle('a', 'b');
  expect((await d.plugins()).map(({ supervisor }) => supervisor.hostname)).toEqual(['b']);
  expect(await d.read(deployment)).toMatchObject({ desired: 1, active: 1, conditions: [] });
});

test('C4: a one-off install that is covered is adopted; others stay as they are', async () => {
  await d.join('a');
  await d.join('b');
  const { operator } = d.domain;
  await installPlugin(d.t.core, operator, { pluginId: d.pluginId, version: '1.0', supervisorId: d.idOf('a') });
  await installPlugin(d.t.core, operator, { pluginId: d.pluginId, version: '0.9', supervisorId: d.idOf('b') });
  await d.create();
  expect(await d.wanted()).toEqual(['a 1.0', 'b 0.9*', 'b 1.0']);
});

test('C4: of two deployments that claim a supervisor the older keeps it, and the newer says CONFLICT', async () => {
  await d.join('a');
  await d.join('b', { tier: 'edge' });
  const older = await d.create({ labels: { tier: 'edge' } });
  const newer = await d.create({ name: 'newer', version: '2.0' });
  expect(await d.wanted()).toEqual(['a 2.0', 'b 1.0']);
  expect([await d.conditions(older), await d.conditions(newer)]).toEqual([[], ['CONFLICT']]);
  await d.label('a', { tier: 'edge' });
  await d.settle('a', 'b');
  expect(await d.wanted()).toEqual(['a 1.0', 'b 1.0']);
  await d.remove(older);
  await d.settle('a', 'b');
  expect(await d.wanted()).toEqual(['a 2.0', 'b 2.0']);
  expect(await d.conditions(newer)).toEqual([]);
});

test('C4: deleting withdraws the plugins, or leaves them as one-off installs', async () => {
  await d.join('a');
  const first = await d.create();
  await d.settle('a');
  await d.remove(first, { orphan: true });
  expect(await d.wanted()).toEqual(['a 1.0*']);
  const second = await d.create();
  expect(await d.wanted()).toEqual(['a 1.0']);
  await d.remove(second);
  expect(await d.wanted()).toEqual([]);
});

test('B2: a dry run tells what the run does, and changes nothing', async () => {
  await d.join('a', { zone: 'x' });
  await d.join('b', { zone: 'y' });
  await d.join('c', { zone: 'z' });
  const { core } = d.t;
  const input = { name: 'some', pluginId: d.pluginId, version: '1.0', mode: 'COUNT', count: 2 };
  const rehearsed = await createDeployment(core, d.domain.operator, { ...input, dryRun: true });
  expect(rehearsed.deployment).toBeNull();
  expect(await d.plugins()).toEqual([]);
  const done = await createDeployment(core, d.domain.operator, input);
  expect(done.placements).toEqual(rehearsed.placements);
  expect((await d.plugins()).map(({ supervisorId }) => supervisorId).sort()).toEqual(
    rehearsed.placements.map(({ supervisorId }) => supervisorId).sort(),
  );
});

test('M7: what is uninstalled by hand comes back', async () => {
  await d.join('a');
  await d.create();
  await d.settle('a');
  const target = { pluginId: d.pluginId, version: '1.0', supervisorId: d.idOf('a') };
  const [change] = await uninstallPlugin(d.t.core, d.domain.operator, target);
  expect(change?.plugin.deploymentId).toEqual(expect.stringMatching(/^deployment-/));
  await d.settle('a');
  expect(await d.wanted()).toEqual(['a 1.0']);
});

test('A8: a domain has no more deployments than its quota allows', async () => {
  const { core, domain } = { core: d.t.core, domain: d.domain };
  await d.create({ name: 'first' });
  await d.t.db.prisma.domainUsage.update({
    where: { domainId: domain.domainId },
    data: { deployments: core.settings.quotas.deployments },
  });
  expect(await refusalOf(d.create({ name: 'second' }))).toMatchObject({
    code: 'LIMIT',
    details: { quota: 'deployments', limit: core.settings.quotas.deployments },
  });
});

test('C1: a retired release is placed no more: the deployment says so, and keeps what is there', async () => {
  await d.join('a');
  const { core } = d.t;
  const spec = { image: 'registry.example/collector:1.0' };
  const { operator } = d.domain;
  const release = await publishRelease(core, operator, { pluginId: d.pluginId, version: '1.0', spec });
  const deployment = await d.create();
  await d.settle('a');
  await retireRelease(core, operator, { releaseId: release.id });
  await d.join('b');
  await d.settle('a', 'b');
  expect(await d.wanted()).toEqual(['a 1.0']);
  expect(await d.read(deployment)).toMatchObject({ desired: 2, active: 1 });
  expect(await d.conditions(deployment)).toEqual(['RELEASE_RETIRED']);
  await d.update(deployment, { version: '1.1' });
  await d.settle('a', 'b');
  expect(await d.wanted()).toEqual(['a 1.1', 'b 1.1']);
});

test('M7, W4: a deployment that can not go on stops no other, says so, and is tried again', async () => {
  await d.join('a');
  const failing = await d.create({ filter: { hostname: { eq: 'a' } } });
  const other = await d.create({ name: 'other', pluginId: 'another' });
  await d.settle('a');
  // As a server of another version may have written it.
  const filterOf = (filter: object) =>
    d.t.db.sql.query('UPDATE deployments SET filter = $2::jsonb WHERE id = $1::text', [
      failing.id,
      JSON.stringify(filter),
    ]);
  await filterOf({ unknown: true });
  await d.join('b');
  await d.settle('a', 'b');
  expect(await d.wanted()).toEqual(['a 1.0', 'a 1.0', 'b 1.0']);
  expect([await d.conditions(failing), await d.conditions(other)]).toEqual([['ROUND_FAILED'], []]);
  const progress = await d.t.db.sql.query(
    'SELECT p.seq = (SELECT max(seq) FROM events) AS "isThrough" FROM deployment_progress p',
  );
  expect(progress, 'nothing else is looked at again for it').toEqual([{ isThrough: true }]);
  await filterOf({ hostname: { in: ['a', 'b'] } });
  await d.sweep();
  await d.settle('a', 'b');
  expect(await d.wanted()).toEqual(['a 1.0', 'a 1.0', 'b 1.0', 'b 1.0']);
  expect(await d.conditions(failing)).toEqual([]);
});

test('C2, C3: where there are too many, COUNT leaves those that are spread over the values of the label', async () => {
  for (const [hostname, zone] of Object.entries({ a: 'x', b: 'x', c: 'x', e: 'x', f: 'y', g: 'y', h: 'y' })) {
    await d.join(hostname, { zone });
  }
  const deployment = await d.create({ mode: 'COUNT', count: 7, spreadBy: 'zone' });
  await d.settle('a', 'b', 'c', 'e', 'f', 'g', 'h');
  await d.update(deployment, { count: 2 });
  await d.settle('a', 'b', 'c', 'e', 'f', 'g', 'h');
  const zones = (await d.plugins()).map(({ supervisor }) => (supervisor.labels as { zone: string }).zone);
  expect(zones.sort()).toEqual(['x', 'y']);
});
