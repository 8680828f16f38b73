import type { Sql } from '@muster/db';
import { beforeEach, expect, test } from 'vitest';
import { useDeploymentTest } from '../../../testing/deployments.ts';
import { eventsOf } from '../../../testing/testCore.ts';
import { cordonSupervisor, installPlugin, uninstallPlugin } from '../../index.ts';
import { pluginReasons } from '../../plugin/lifecycle.ts';
import { inPlacement } from '../place.ts';
import { placePlugins } from '../sql/placePlugin.ts';
import { playDeployments } from './deploymentRound.ts';

const d = useDeploymentTest();

beforeEach(() => d.begin());

const hostnames = Array.from({ length: 12 }, (_, i) => `host-${i}`);

/** Resumes a deployment that is paused, without a round. */
const resume = ({ id }: { id: string }) =>
  d.t.db.prisma.deployment.update({ where: { id }, data: { isPaused: false } });

test('M7: a round places its plugins by one statement, however many supervisors it is for', async () => {
  for (const hostname of hostnames) await d.join(hostname);
  await resume(await d.create({ isPaused: true, maxUnavailable: 10 }));
  const plugin = { domainId: d.domain.domainId, pluginId: d.pluginId };
  const texts: string[] = [];
  await inPlacement(d.t.core, plugin, (sql) => {
    const recorded: Sql = {
      query: (statement, values) => {
        texts.push(typeof statement === 'string' ? statement : statement.text);
        return sql.query(statement, values);
      },
    };
    return playDeployments(d.t.core, recorded, plugin);
  });
  expect(texts.filter((text) => text.includes('INSERT INTO plugins'))).toHaveLength(1);
  expect(await d.wanted()).toHaveLength(10);
  const made = (await eventsOf(d.t, d.domain)).filter((event) => event.startsWith('PLUGIN'));
  expect(made).toEqual(Array(10).fill('PLUGIN_CREATED NONE>PROVISIONING DEPLOYED by muster'));
});

test('A8: a round gives the plugin to as many supervisors as the domain has room for, and to those that have it already', async () => {
  for (const hostname of ['a', 'b', 'c']) await d.join(hostname);
  const target = { pluginId: d.pluginId, version: '1.0', supervisorId: d.idOf('c') };
  await installPlugin(d.t.core, d.domain.operator, target);
  await d.report('c');
  await uninstallPlugin(d.t.core, d.domain.operator, target);
  const { core } = d.t;
  const place = (quota: number) => {
    const plugin = { domainId: d.domain.domainId, pluginId: d.pluginId };
    const targets = ['a', 'b', 'c'].map((hostname, i) => ({
      instanceId: `instance-${String(i).padStart(16, '0')}`,
      supervisorId: d.idOf(hostname),
    }));
    const placement = {
      ...plugin,
      version: '1.0',
      labels: {},
      allowPublic: false,
      pinned: false,
      replacesId: null,
      deploymentId: null,
      reason: pluginReasons.deployed,
      despiteCordon: false,
      deadlineMs: 1_000,
      clockOffsetMs: core.clockOffsetMs(),
      actor: 'muster',
      quota,
    };
    return inPlacement(core, plugin, (sql) => placePlugins(sql, placement, targets));
  };
  const hostnamesOf = async () => (await d.plugins()).map(({ supervisor }) => supervisor.hostname).sort();
  expect(await place(2)).toMatchObject({ isOverQuota: true });
  expect(await hostnamesOf()).toEqual(['a', 'c']);
  await cordonSupervisor(core, d.domain.operator, { supervisorId: d.idOf('b') });
  expect(await place(3)).toEqual({ placed: [], isOverQuota: false });
  expect(await hostnamesOf()).toEqual(['a', 'c']);
});
