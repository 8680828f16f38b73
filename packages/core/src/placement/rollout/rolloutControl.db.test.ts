import { beforeEach, describe, expect, test } from 'vitest';
import { useRolloutTest } from '../../../testing/rollouts.ts';
import { enabledSupervisor, eventsOf, refusalOf } from '../../../testing/testCore.ts';
import {
  acquirePluginEndpoint,
  commandRollout,
  cordonSupervisor,
  disableSupervisor,
  drainSupervisor,
  installPlugin,
  uninstallPlugin,
  updateSupervisor,
} from '../../index.ts';

const r = useRolloutTest();
const { fleet, upgrade, play, wanted, progress, failing, failingOld } = r;

beforeEach(() => r.begin());

describe('R4: at its turn', () => {
  test('a supervisor whose labels no longer match is skipped, with the reason', async () => {
    const ids = await fleet('a', 'b');
    const { core } = r.t;
    for (const supervisorId of ids) {
      await updateSupervisor(core, r.domain.operator, { supervisorId, labels: { env: 'prod' } });
    }
    const rollout = await upgrade({ labels: { env: 'prod' } });
    await updateSupervisor(core, r.domain.operator, { supervisorId: ids[1], labels: {} });
    await play('a');
    expect(await progress(rollout)).toEqual(['COMPLETED', 'DONE', 'SKIPPED']);
    expect((await r.read(rollout)).steps[1]?.message).toBe('its supervisor no longer has the labels');
    expect(await wanted()).toEqual(['a 2.0 ACTIVE', 'b 1.0 ACTIVE']);
  });

  test('a supervisor whose plugin is gone, or upgraded by hand, is skipped, with the reason', async () => {
    const [, b, c] = await fleet('a', 'b', 'c');
    const rollout = await upgrade();
    const { core } = r.t;
    await uninstallPlugin(core, r.domain.operator, { pluginId: r.pluginId, version: '1.0', supervisorId: b });
    await installPlugin(core, r.domain.operator, { pluginId: r.pluginId, version: '2.0', supervisorId: c });
    await play('a');
    expect(await progress(rollout)).toEqual(['COMPLETED', 'DONE', 'SKIPPED', 'SKIPPED']);
    expect((await r.read(rollout)).steps.map(({ message }) => message)).toEqual([
      null,
      'the old version is no longer wanted there',
      'the new version is wanted there already',
    ]);
  });

  test('a plugin that a drain moves meanwhile is waited for, and upgraded where it went', async () => {
    const { core } = r.t;
    const a = await enabledSupervisor(r.t, r.domain, { hostname: 'a' });
    await installPlugin(core, r.domain.operator, { pluginId: r.pluginId, version: '1.0' });
    await r.report('a');
    await enabledSupervisor(r.t, r.domain, { hostname: 'b' });
    await drainSupervisor(core, r.domain.operator, { supervisorId: a.id });
    const rollout = await upgrade();
    await r.advance();
    expect(await progress(rollout)).toEqual(['RUNNING']);
    await play('b');
    await r.advance();
    expect(await progress(rollout)).toEqual(['RUNNING', 'INSTALLING']);
    await play('b');
    expect(await progress(rollout)).toEqual(['COMPLETED', 'DONE']);
    expect(await wanted()).toEqual(['b 2.0 ACTIVE']);
  });
});

describe('R5: an operator', () => {
  test('pauses a rollout: what is under way ends, and nothing begins until it is resumed', async () => {
    await fleet('a', 'b');
    const rollout = await upgrade();
    expect((await r.command(rollout, 'pause')).state).toBe('PAUSED');
    expect((await r.command(rollout, 'pause')).state).toBe('PAUSED');
    await play('a');
    expect(await progress(rollout)).toEqual(['PAUSED', 'DONE', 'WAITING']);
    await r.command(rollout, 'resume');
    expect(await progress(rollout)).toEqual(['RUNNING', 'DONE', 'INSTALLING']);
  });

  test('cancels a rollout: each supervisor stays as it is, with one version', async () => {
    await fleet('a', 'b', 'c');
    const rollout = await upgrade();
    await play('a');
    expect((await r.command(rollout, 'cancel')).endedAt).not.toBeNull();
    expect(await progress(rollout)).toEqual(['CANCELED', 'DONE', 'SKIPPED', 'SKIPPED']);
    expect(await wanted()).toEqual(['a 2.0 ACTIVE', 'b 1.0 ACTIVE', 'c 1.0 ACTIVE']);
    expect((await upgrade({ to: '3.0' })).state).toBe('RUNNING');
    expect(await refusalOf(r.command(rollout, 'retry'))).toMatchObject({ code: 'PLUGIN_STATE' });
  });

  test('cancels the way back, too: what has not come back keeps the new version', async () => {
    await fleet('a', 'b');
    const rollout = await upgrade();
    await play('a');
    await r.command(rollout, 'rollBack');
    expect(await progress(rollout)).toEqual(['ROLLING_BACK', 'REVERTING', 'REVERTED']);
    await r.command(rollout, 'cancel');
    expect(await progress(rollout)).toEqual(['CANCELED', 'DONE', 'REVERTED']);
    expect(await wanted()).toEqual(['a 2.0 ACTIVE', 'b 1.0 ACTIVE']);
  });

  test('has a rollout go back', async () => {
    await fleet('a', 'b');
    const rollout = await upgrade();
    await play('a');
    await r.command(rollout, 'rollBack');
    await play('a');
    expect(await progress(rollout)).toEqual(['ROLLED_BACK', 'REVERTED', 'REVERTED']);
    expect((await r.read(rollout)).message).toBe('an operator rolled it back');
    expect(await wanted()).toEqual(['a 1.0 ACTIVE', 'b 1.0 ACTIVE']);
  });

  test('promotes a canary: the first N are upgraded, and the others wait for it', async () => {
    await fleet('a', 'b', 'c');
    const rollout = await upgrade({ maxUnavailable: 3, canary: { count: 1 } });
    expect(await progress(rollout)).toEqual(['RUNNING', 'INSTALLING', 'WAITING', 'WAITING']);
    await play('a');
    expect(await progress(rollout)).toEqual(['AWAITING_PROMOTION', 'DONE', 'WAITING', 'WAITING']);
    await r.command(rollout, 'pause');
    await r.command(rollout, 'resume');
    expect(await progress(rollout)).toEqual(['AWAITING_PROMOTION', 'DONE', 'WAITING', 'WAITING']);
    await r.command(rollout, 'promote');
    expect(await progress(rollout)).toEqual(['RUNNING', 'DONE', 'INSTALLING', 'INSTALLING']);
    expect((await r.read(rollout)).promotedAt).not.toBeNull();
    expect(await refusalOf(r.command(rollout, 'promote'))).toMatchObject({
      code: 'PLUGIN_STATE',
      message: `cannot promote ${rollout.id}: its state is RUNNING`,
    });
  });

  test('need not promote a canary with autoPromoteSeconds; and one that fails meanwhile goes back', async () => {
    await fleet('a', 'b');
    const rollout = await upgrade({ canary: { count: 1, autoPromoteSeconds: 60 } });
    await play('a');
    r.t.advance(30_000);
    await play('a');
    expect(await progress(rollout)).toEqual(['AWAITING_PROMOTION', 'DONE', 'WAITING']);
    r.t.advance(30_001);
    await r.advance();
    expect(await progress(rollout)).toEqual(['RUNNING', 'DONE', 'INSTALLING']);

    r.begin();
    await fleet('c', 'd');
    const other = await upgrade({ canary: { count: 1, autoPromoteSeconds: 60 } });
    await play('c');
    await play('c', failing);
    expect(await progress(other)).toEqual(['ROLLING_BACK', 'REVERTING', 'SKIPPED']);
  });

  test('commands the rollouts of the own domain alone (A3), and no VIEWER does', async () => {
    await fleet('a');
    const rollout = await upgrade();
    const target = { rolloutId: rollout.id };
    const { core } = r.t;
    const stranger = { ...r.stranger, role: 'OPERATOR' } as const;
    expect(await refusalOf(commandRollout(core, stranger, target, 'cancel'))).toMatchObject({ code: 'NOT_FOUND' });
    expect(await refusalOf(commandRollout(core, r.domain.viewer, target, 'cancel'))).toMatchObject({
      code: 'FORBIDDEN',
    });
  });
});

describe('R6: going back', () => {
  test('ends by its deadline, says what runs on each supervisor, and bars no other rollout then', async () => {
    await fleet('a', 'b', 'c');
    const rollout = await upgrade({ healthyDeadlineSeconds: 60 });
    await play('a');
    await play('b');
    await r.command(rollout, 'rollBack');
    expect(await progress(rollout)).toEqual(['ROLLING_BACK', 'REVERTING', 'REVERTING', 'REVERTED']);
    await play('a', failingOld);
    await play('b');
    r.t.advance(61_000);
    await play('a', failingOld);
    expect(await progress(rollout)).toEqual(['ROLLBACK_FAILED', 'REVERT_FAILED', 'REVERTED', 'REVERTED']);
    const [step] = (await r.read(rollout)).steps;
    expect(step?.message).toBe(
      'keeps the new version, ACTIVE: the old one was ERROR (REPORTED: no such image) by the deadline',
    );
    expect(await wanted()).toEqual(['a 2.0 ACTIVE', 'b 1.0 ACTIVE', 'c 1.0 ACTIVE']);
    expect((await upgrade({ to: '3.0' })).state).toBe('RUNNING');
  });

  test('keeps the old version wanted where neither is ACTIVE by the deadline; a retry takes up the way back', async () => {
    await fleet('a', 'b');
    const rollout = await upgrade({ healthyDeadlineSeconds: 60 });
    await play('a');
    await r.command(rollout, 'rollBack');
    r.t.advance(61_000);
    await play('a', () => 'ERROR');
    expect(await progress(rollout)).toEqual(['ROLLBACK_FAILED', 'REVERT_FAILED', 'REVERTED']);
    const [step] = (await r.read(rollout)).steps;
    expect(step?.message).toMatch(/^runs neither version: the old one, which stays wanted, was ERROR/);
    expect(await wanted()).toEqual(['a 1.0 ERROR', 'b 1.0 ACTIVE']);
    await r.command(rollout, 'retry');
    expect(await progress(rollout)).toEqual(['ROLLING_BACK', 'REVERTING', 'REVERTED']);
    await play('a');
    expect(await progress(rollout)).toEqual(['ROLLED_BACK', 'REVERTED', 'REVERTED']);
  });

  test('waits, up to its deadline, for a supervisor that can take nothing', async () => {
    const [a, b] = await fleet('a', 'b', 'c');
    const rollout = await upgrade({ healthyDeadlineSeconds: 60 });
    await play('a');
    await play('b');
    const { core } = r.t;
    await disableSupervisor(core, r.domain.operator, { supervisorId: a });
    await cordonSupervisor(core, r.domain.operator, { supervisorId: b });
    await r.command(rollout, 'rollBack');
    // A cordon keeps away what is new; the old version was there.
    expect(await progress(rollout)).toEqual(['ROLLING_BACK', 'DONE', 'REVERTING', 'REVERTED']);
    expect((await r.read(rollout)).steps[0]?.message).toBe('waits: its supervisor is DISABLED');
    await play('b');
    r.t.advance(61_000);
    await r.advance();
    expect(await progress(rollout)).toEqual(['ROLLBACK_FAILED', 'REVERT_FAILED', 'REVERTED', 'REVERTED']);
    expect((await r.read(rollout)).steps[0]?.message).toBe('keeps the new version, ACTIVE: its supervisor is DISABLED');
  });
});

test('R7: each change of a rollout and of each of its steps is one event, with who made it and why', async () => {
  await fleet('a');
  const rollout = await upgrade();
  await r.command(rollout, 'pause');
  await r.command(rollout, 'resume');
  await play('a');
  const events = (await eventsOf(r.t, r.domain)).filter((event) => event.startsWith('ROLLOUT'));
  expect(events).toEqual([
    'ROLLOUT_CREATED NONE>RUNNING UPGRADE_REQUESTED by operator',
    'ROLLOUT_STEP_CREATED NONE>WAITING UPGRADE_REQUESTED by operator',
    'ROLLOUT_STEP_STATE_CHANGED WAITING>INSTALLING UPGRADE_REQUESTED by operator',
    'ROLLOUT_STATE_CHANGED RUNNING>PAUSED PAUSE_REQUESTED by operator',
    'ROLLOUT_STATE_CHANGED PAUSED>RUNNING RESUME_REQUESTED by operator',
    'ROLLOUT_STEP_UPDATED - by muster',
    'ROLLOUT_STEP_STATE_CHANGED INSTALLING>DONE - by muster',
    'ROLLOUT_STATE_CHANGED RUNNING>COMPLETED - by muster',
  ]);
});

test('R8: while a rollout runs, a request without a version is served by turns from both versions; then by the newest', async () => {
  await fleet('a', 'b');
  const { core } = r.t;
  const versions = async () => {
    const acquire = () => acquirePluginEndpoint(core, r.domain.viewer, { pluginId: r.pluginId });
    return [(await acquire()).version, (await acquire()).version].sort();
  };
  const rollout = await upgrade();
  await play('a');
  expect(await progress(rollout)).toEqual(['RUNNING', 'DONE', 'INSTALLING']);
  expect(await versions()).toEqual(['1.0', '2.0']);
  await r.command(rollout, 'cancel');
  expect(await versions()).toEqual(['2.0', '2.0']);
});
