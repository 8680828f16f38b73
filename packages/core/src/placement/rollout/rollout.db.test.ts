import { beforeEach, describe, expect, test } from 'vitest';
import { useRolloutTest } from '../../../testing/rollouts.ts';
import { refusalOf } from '../../../testing/testCore.ts';
import { cordonSupervisor, disableSupervisor, getRollout, listRollouts, uninstallPlugin } from '../../index.ts';

const r = useRolloutTest();
const { fleet, upgrade, play, wanted, progress, failing, silent } = r;

beforeEach(() => r.begin());

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
    const [a] = await fleet('a', 'b', 'c', 'd');
    await r.t.db.prisma.supervisor.updateMany({
      where: { domainId: r.domain.domainId, NOT: { id: a } },
      data: { labels: { env: 'prod' } },
    });
    const rollout = await upgrade({ maxUnavailable: 2, labels: { env: 'prod' } });
    expect(await progress(rollout)).toEqual(['RUNNING', 'INSTALLING', 'INSTALLING', 'WAITING']);
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
    await r.report('a');
    await Promise.all([1, 2, 3].map(() => r.advance()));
    expect(await wanted()).toEqual(['a 2.0 ACTIVE', 'b 1.0 ACTIVE', 'b 2.0 PROVISIONING']);
  });

  test('refuses to ask for more seconds of health than the deadline leaves, and asks for fewer by itself', async () => {
    await fleet('a');
    const impossible = { minHealthySeconds: 60, healthyDeadlineSeconds: 60 };
    expect(await refusalOf(upgrade(impossible))).toMatchObject({ code: 'BAD_USER_INPUT', at: ['minHealthySeconds'] });
    const rollout = await upgrade({ minHealthySeconds: null, healthyDeadlineSeconds: 5 });
    expect(rollout).toMatchObject({
      minHealthySeconds: 4,
      maxFailures: 0,
      onFailure: 'ROLL_BACK',
      deadlineSeconds: 86_400,
    });
  });
});

describe('R1: a step', () => {
  test('is done once the new version has been ACTIVE for minHealthySeconds, by default 10, without a break', async () => {
    await fleet('a');
    const rollout = await upgrade({ minHealthySeconds: null });
    await play('a');
    expect(await progress(rollout)).toEqual(['RUNNING', 'INSTALLING']);
    r.t.advance(6_000);
    // The break is over before anybody looks.
    await r.report('a', failing);
    await play('a');
    r.t.advance(6_000);
    await play('a');
    expect(await progress(rollout)).toEqual(['RUNNING', 'INSTALLING']);
    expect(await wanted()).toEqual(['a 1.0 ACTIVE', 'a 2.0 ACTIVE']);
    r.t.advance(4_000);
    await r.advance();
    expect(await progress(rollout)).toEqual(['COMPLETED', 'DONE']);
  });

  test('fails where the new version has not been ACTIVE for long enough by healthyDeadlineSeconds', async () => {
    await fleet('a');
    const rollout = await upgrade({ minHealthySeconds: 30, healthyDeadlineSeconds: 60 });
    r.t.advance(31_000);
    await play('a');
    // Nobody looked at its deadline: health that came later does not count.
    r.t.advance(31_000);
    await play('a');
    expect(await progress(rollout)).toEqual(['ROLLED_BACK', 'REVERTED']);
    const { message } = await r.read(rollout);
    expect(message).toMatch(/^on supervisor \S+ the new version was ACTIVE for too short a time by its deadline$/);
    expect(await wanted()).toEqual(['a 1.0 ACTIVE']);
  });

  test('has the step’s deadline as the plugin’s own, however short that of an install is', async () => {
    await fleet('a');
    const rollout = await upgrade({ healthyDeadlineSeconds: 7_200 });
    r.t.advance(6_000_000);
    await r.play('a', silent);
    await r.sweep();
    expect(await wanted()).toEqual(['a 1.0 ACTIVE', 'a 2.0 PROVISIONING']);
    await play('a');
    expect(await progress(rollout)).toEqual(['COMPLETED', 'DONE']);
  });

  test('has an ERROR attempted again within its deadline, whatever P5 would wait for', async () => {
    await fleet('a');
    const rollout = await upgrade({ healthyDeadlineSeconds: 40 });
    await play('a', failing);
    expect(await progress(rollout)).toEqual(['RUNNING', 'INSTALLING']);
    r.t.advance(21_000);
    await r.sweep();
    expect(await wanted()).toEqual(['a 1.0 ACTIVE', 'a 2.0 RE_PROVISIONING']);
    await play('a');
    expect(await progress(rollout)).toEqual(['COMPLETED', 'DONE']);
  });

  test('fails by its deadline at the latest, with what the agent said', async () => {
    await fleet('a');
    const rollout = await upgrade({ healthyDeadlineSeconds: 60 });
    r.t.advance(61_000);
    await play('a', failing);
    expect(await progress(rollout)).toEqual(['ROLLED_BACK', 'REVERTED']);
    expect((await r.read(rollout)).message).toMatch(
      /the new version was ERROR \(REPORTED: no such image\) by its deadline$/,
    );
    expect(await wanted()).toEqual(['a 1.0 ACTIVE']);
  });

  test('fails where somebody uninstalls the new version meanwhile', async () => {
    await fleet('a');
    const rollout = await upgrade();
    await uninstallPlugin(r.t.core, r.domain.operator, { pluginId: r.pluginId, version: '2.0' });
    await r.advance();
    expect(await progress(rollout)).toEqual(['ROLLED_BACK', 'REVERTED']);
    expect(await wanted()).toEqual(['a 1.0 ACTIVE']);
  });
});

describe('R2: failures', () => {
  test('halt a rollout that is past maxFailures, which goes back everywhere: a new version stays until the old one is ACTIVE', async () => {
    await fleet('a', 'b', 'c');
    const rollout = await upgrade({ healthyDeadlineSeconds: 60 });
    await play('a');
    r.t.advance(61_000);
    await play('b', failing);
    expect(await progress(rollout)).toEqual(['ROLLING_BACK', 'REVERTING', 'REVERTED', 'SKIPPED']);
    expect(await wanted()).toEqual(['a 1.0 RE_PROVISIONING', 'a 2.0 ACTIVE', 'b 1.0 ACTIVE', 'c 1.0 ACTIVE']);
    await play('a');
    expect(await progress(rollout)).toEqual(['ROLLED_BACK', 'REVERTED', 'REVERTED', 'SKIPPED']);
    expect(await wanted()).toEqual(['a 1.0 ACTIVE', 'b 1.0 ACTIVE', 'c 1.0 ACTIVE']);
  });

  test('up to maxFailures are let pass: the old version stays where it was', async () => {
    await fleet('a', 'b');
    const rollout = await upgrade({ maxFailures: 1, healthyDeadlineSeconds: 60 });
    r.t.advance(61_000);
    await play('a', failing);
    expect(await progress(rollout)).toEqual(['RUNNING', 'FAILED', 'INSTALLING']);
    await play('b');
    expect(await progress(rollout)).toEqual(['COMPLETED', 'FAILED', 'DONE']);
    expect(await wanted()).toEqual(['a 1.0 ACTIVE', 'b 2.0 ACTIVE']);
  });

  test('of steps that were done count, too: a new version that is ACTIVE once and then ERROR halts the rollout', async () => {
    await fleet('a', 'b');
    const rollout = await upgrade();
    await play('a');
    expect(await progress(rollout)).toEqual(['RUNNING', 'DONE', 'INSTALLING']);
    await play('a', failing);
    expect(await progress(rollout)).toEqual(['ROLLING_BACK', 'REVERTING', 'REVERTED']);
    await play('a');
    expect(await progress(rollout)).toEqual(['ROLLED_BACK', 'REVERTED', 'REVERTED']);
    expect(await wanted()).toEqual(['a 1.0 ACTIVE', 'b 1.0 ACTIVE']);
  });

  test('make it pause instead, with onFailure: PAUSE; resumed, it accepts them and goes on', async () => {
    await fleet('a', 'b');
    const rollout = await upgrade({ onFailure: 'PAUSE', healthyDeadlineSeconds: 60 });
    r.t.advance(61_000);
    await play('a', failing);
    expect(await progress(rollout)).toEqual(['PAUSED', 'FAILED', 'WAITING']);
    expect((await r.read(rollout)).message).toMatch(/^on supervisor \S+ the new version was ERROR/);
    await r.command(rollout, 'resume');
    expect(await progress(rollout)).toEqual(['RUNNING', 'FAILED', 'INSTALLING']);
    expect((await r.read(rollout)).message).toBeNull();
    r.t.advance(61_000);
    await play('b', failing);
    expect(await progress(rollout)).toEqual(['PAUSED', 'FAILED', 'FAILED']);
  });
});

describe('R3: a supervisor that can take nothing at its turn', () => {
  test('is waited for and fails nobody, while others go before it: DISABLED, cordoned, DISCONNECTED', async () => {
    const [a, b] = await fleet('a', 'b', 'c', 'd');
    await disableSupervisor(r.t.core, r.domain.operator, { supervisorId: a });
    await cordonSupervisor(r.t.core, r.domain.operator, { supervisorId: b });
    await r.leave('c', 'b', 'd');
    const rollout = await upgrade();
    expect(await progress(rollout)).toEqual(['RUNNING', 'WAITING', 'WAITING', 'WAITING', 'INSTALLING']);
    expect((await r.read(rollout)).steps.map(({ message }) => message)).toEqual([
      'waits: its supervisor is DISABLED',
      'waits: its supervisor is cordoned',
      'waits: its supervisor is DISCONNECTED',
      null,
    ]);
    await play('d');
    // Back for a moment, it has its turn.
    await play('c');
    await play('c');
    expect(await progress(rollout)).toEqual(['RUNNING', 'WAITING', 'WAITING', 'DONE', 'DONE']);
  });

  test('is skipped with the reason once deadlineSeconds are over', async () => {
    const [a] = await fleet('a', 'b');
    await disableSupervisor(r.t.core, r.domain.operator, { supervisorId: a });
    const rollout = await upgrade({ deadlineSeconds: 120 });
    await play('b');
    expect(await progress(rollout)).toEqual(['RUNNING', 'WAITING', 'DONE']);
    r.t.advance(121_000);
    await r.advance();
    expect(await progress(rollout)).toEqual(['COMPLETED', 'SKIPPED', 'DONE']);
    expect((await r.read(rollout)).steps[0]?.message).toBe('by the deadline, its supervisor is DISABLED');
  });

  test('is taken up by a retry, as is one whose step failed, whatever the failure left there', async () => {
    const [a] = await fleet('a', 'b', 'c');
    await cordonSupervisor(r.t.core, r.domain.operator, { supervisorId: a });
    const rollout = await upgrade({ maxFailures: 2, healthyDeadlineSeconds: 60, deadlineSeconds: 60 });
    await play('b');
    r.t.advance(61_000);
    await r.report('b', failing);
    await play('c', failing);
    expect(await progress(rollout)).toEqual(['COMPLETED', 'SKIPPED', 'FAILED', 'FAILED']);
    expect(await wanted()).toEqual(['a 1.0 ACTIVE', 'b 2.0 ERROR', 'c 1.0 ACTIVE']);
    await r.uncordon(a);
    await r.command(rollout, 'retry');
    expect(await progress(rollout)).toEqual(['RUNNING', 'WAITING', 'INSTALLING', 'WAITING']);
    for (const hostname of ['b', 'a', 'c']) await play(hostname);
    expect(await progress(rollout)).toEqual(['COMPLETED', 'DONE', 'DONE', 'DONE']);
    expect(await wanted()).toEqual(['a 2.0 ACTIVE', 'b 2.0 ACTIVE', 'c 2.0 ACTIVE']);
    // There is nothing to take up.
    expect((await r.command(rollout, 'retry')).state).toBe('COMPLETED');
  });
});

test('rollouts are listed the newest first, and only to their domain (A3)', async () => {
  await fleet('a');
  const rollout = await upgrade();
  const { core } = r.t;
  const listed = await listRollouts(core, r.domain.viewer, {});
  expect(listed.edges.map(({ node }) => node)).toEqual([rollout]);
  expect((await listRollouts(core, r.domain.viewer, { pluginId: 'other' })).edges).toEqual([]);
  expect(await getRollout(core, r.stranger, rollout.id)).toBeNull();
});
