import { beforeEach, describe, expect, test } from 'vitest';
import { tick } from '../../../testing/agent.ts';
import { enabledSupervisor, newDomain, refusalOf, type TestDomain, useTestCore } from '../../../testing/testCore.ts';
import { openStream } from '../../event/stream.ts';
import {
  cordonSupervisor,
  disableSupervisor,
  getRollout,
  installPlugin,
  listRollouts,
  type RolloutProgress,
  uninstallPlugin,
  upgradePlugin,
  watchRollout,
} from '../../index.ts';
import { advancePlacement } from '../advance.ts';
import type { UpgradeInput } from './upgrade.ts';

const t = useTestCore();
let domain: TestDomain;

beforeEach(() => {
  domain = newDomain();
});

const pluginId = 'collector';
const upgrade = (input: Partial<UpgradeInput> = {}) =>
  upgradePlugin(t.core, domain.operator, { pluginId, from: '1.0', to: '2.0', ...input });

/** Supervisors that run the old version, of ever greater priority; their ids. */
async function fleet(...hostnames: string[]): Promise<string[]> {
  const ids: string[] = [];
  for (const [priority, hostname] of hostnames.entries()) {
    const { id } = await enabledSupervisor(t, domain, { hostname });
    await t.db.prisma.supervisor.update({ where: { id }, data: { priority } });
    await installPlugin(t.core, domain.operator, { pluginId, version: '1.0', supervisorId: id });
    await tick(t, domain, hostname);
    ids.push(id);
  }
  return ids;
}

/** The wanted plugins with their states, as `a 1.0 ACTIVE`. */
async function wanted(): Promise<string[]> {
  const plugins = await t.db.prisma.plugin.findMany({
    where: { domainId: domain.domainId, wanted: true },
    include: { supervisor: true },
  });
  return plugins.map(({ supervisor, version, state }) => `${supervisor.hostname} ${version} ${state}`).sort();
}

/** The agent's tick, and what placement makes of it. */
async function play(hostname: string, stateOf?: Parameters<typeof tick>[3]): Promise<void> {
  await tick(t, domain, hostname, stateOf);
  await advancePlacement(t.core);
}

async function progress({ id }: RolloutProgress): Promise<string[]> {
  const rollout = await getRollout(t.core, domain.viewer, id);
  return [String(rollout?.state), ...(rollout?.steps ?? []).map(({ state }) => state)];
}

const failing = ({ version }: { version: string }) => (version === '2.0' ? ('ERROR' as const) : ('ACTIVE' as const));

describe('an upgrade', () => {
  test('installs the new version beside the old on one supervisor after another, and removes the old once the new is ACTIVE', async () => {
    await fleet('a', 'b');
    const rollout = await upgrade();
    expect(await progress(rollout)).toEqual(['RUNNING', 'INSTALLING', 'WAITING']);
    expect(await wanted()).toEqual(['a 1.0 ACTIVE', 'a 2.0 PROVISIONING', 'b 1.0 ACTIVE']);
    await play('a');
    expect(await progress(rollout)).toEqual(['RUNNING', 'DONE', 'INSTALLING']);
    expect(await wanted()).toEqual(['a 2.0 ACTIVE', 'b 1.0 ACTIVE', 'b 2.0 PROVISIONING']);
    await play('b');
    expect(await progress(rollout)).toEqual(['COMPLETED', 'DONE', 'DONE']);
    expect(await wanted()).toEqual(['a 2.0 ACTIVE', 'b 2.0 ACTIVE']);
  });

  test('has at most maxUnavailable under way at a time, and only where the labels are', async () => {
    const [a] = (await fleet('a', 'b', 'c', 'd')) as [string];
    await t.db.prisma.supervisor.updateMany({
      where: { domainId: domain.domainId, NOT: { id: a } },
      data: { labels: { env: 'prod' } },
    });
    const rollout = await upgrade({ maxUnavailable: 2, labels: { env: 'prod' } });
    expect(await progress(rollout)).toEqual(['RUNNING', 'INSTALLING', 'INSTALLING', 'WAITING']);
  });

  test('goes back everywhere when a step turns ERROR; the new version stays until the old one is ACTIVE again', async () => {
    await fleet('a', 'b', 'c');
    const rollout = await upgrade();
    await play('a');
    await play('b', failing);
    expect(await progress(rollout)).toEqual(['ROLLING_BACK', 'REVERTING', 'REVERTED', 'SKIPPED']);
    expect((await getRollout(t.core, domain.viewer, rollout.id))?.message).toMatch(/turned ERROR$/);
    expect(await wanted()).toEqual(['a 1.0 RE_PROVISIONING', 'a 2.0 ACTIVE', 'b 1.0 ACTIVE', 'c 1.0 ACTIVE']);
    await play('a');
    expect(await progress(rollout)).toEqual(['ROLLED_BACK', 'REVERTED', 'REVERTED', 'SKIPPED']);
    expect(await wanted()).toEqual(['a 1.0 ACTIVE', 'b 1.0 ACTIVE', 'c 1.0 ACTIVE']);
  });

  test('goes back when a step misses its deadline', async () => {
    await fleet('a');
    const rollout = await upgrade({ healthyDeadlineSeconds: 60 });
    t.advance(61_000);
    await play('a', ({ version }) => (version === '2.0' ? null : 'ACTIVE'));
    expect(await progress(rollout)).toEqual(['ROLLED_BACK', 'REVERTED']);
    expect(await wanted()).toEqual(['a 1.0 ACTIVE']);
  });

  test('skips who can take nothing new: DISABLED, cordoned (P8)', async () => {
    const [a, b] = (await fleet('a', 'b', 'c')) as [string, string];
    await disableSupervisor(t.core, domain.operator, { supervisorId: a });
    await cordonSupervisor(t.core, domain.operator, { supervisorId: b });
    const rollout = await upgrade();
    expect(await progress(rollout)).toEqual(['RUNNING', 'SKIPPED', 'SKIPPED', 'INSTALLING']);
    await play('c');
    expect(await progress(rollout)).toEqual(['COMPLETED', 'SKIPPED', 'SKIPPED', 'DONE']);
    expect(await wanted()).toEqual(['a 1.0 ACTIVE', 'b 1.0 ACTIVE', 'c 2.0 ACTIVE']);
  });

  test('goes back where somebody uninstalls the new version meanwhile', async () => {
    await fleet('a');
    const rollout = await upgrade();
    await uninstallPlugin(t.core, domain.operator, { pluginId, version: '2.0' });
    await advancePlacement(t.core);
    expect(await progress(rollout)).toEqual(['ROLLED_BACK', 'REVERTED']);
    expect(await wanted()).toEqual(['a 1.0 ACTIVE']);
  });

  test('is idempotent: while it is under way, and when it left nothing to do, it is returned', async () => {
    await fleet('a');
    const rollout = await upgrade();
    expect((await upgrade()).id).toBe(rollout.id);
    const other = await refusalOf(upgrade({ to: '3.0' }));
    expect(other).toMatchObject({ code: 'PLUGIN_STATE', details: { rolloutId: rollout.id } });
    await play('a');
    expect(await upgrade()).toMatchObject({ id: rollout.id, state: 'COMPLETED' });
    expect(await refusalOf(upgrade({ to: '3.0' }))).toMatchObject({ code: 'NOT_FOUND' });
    expect(await refusalOf(upgrade({ to: '1.0' }))).toMatchObject({ code: 'BAD_USER_INPUT', at: ['to'] });
  });

  test('is one, however many ask for it or drive it at the same time', async () => {
    await fleet('a', 'b');
    const begun = await Promise.all([upgrade(), upgrade(), upgrade()]);
    expect(new Set(begun.map(({ id }) => id)).size).toBe(1);
    await tick(t, domain, 'a');
    await Promise.all([1, 2, 3].map(() => advancePlacement(t.core)));
    expect(await wanted()).toEqual(['a 2.0 ACTIVE', 'b 1.0 ACTIVE', 'b 2.0 PROVISIONING']);
  });
});

test('rollouts are listed the newest first, and only to their domain (A3)', async () => {
  await fleet('a');
  const rollout = await upgrade();
  expect((await listRollouts(t.core, domain.viewer, {})).map(({ id }) => id)).toEqual([rollout.id]);
  expect(await listRollouts(t.core, domain.viewer, { pluginId: 'other' })).toEqual([]);
  const stranger = newDomain().viewer;
  expect(await getRollout(t.core, stranger, rollout.id)).toBeNull();
  expect(await refusalOf(watchRollout(t.core, stranger, rollout.id))).toMatchObject({ code: 'NOT_FOUND' });
});

test('whoever watches a rollout sees it as it is, and then each time that it has come further', async () => {
  await fleet('a', 'b');
  const rollout = await upgrade();
  const stream = await openStream(t.core, await watchRollout(t.core, domain.viewer, rollout.id));
  const seen: string[] = [];
  const next = async () => {
    const { value } = await stream.next();
    seen.push([value.rollout.state, ...value.rollout.steps.map(({ state }: { state: string }) => state)].join(' '));
  };
  await next();
  await tick(t, domain, 'a');
  await next();
  await tick(t, domain, 'b');
  while (!seen.at(-1)?.startsWith('COMPLETED')) await next();
  expect(new Set(seen)).toEqual(
    new Set(['RUNNING INSTALLING WAITING', 'RUNNING DONE INSTALLING', 'COMPLETED DONE DONE']),
  );
  await stream.return?.();
});
