import { expect, test } from 'vitest';
import {
  insertManagedPlugin,
  newDomain,
  publish,
  refusalOf,
  supervisorIn,
  useTestCore,
} from '../../testing/testCore.ts';
import { eventId } from '../base/ids.ts';
import { listEvents } from '../event/read.ts';
import { pluginStates, supervisorStates } from '../event/stateChanges.ts';
import { findNodes } from '../node.ts';
import { getPlugin, listPlugins, pluginStats } from '../plugin/read.ts';
import { recoverPlugin } from '../plugin/recover.ts';
import { deregisterSupervisor } from '../supervisor/deregister.ts';
import { disableSupervisor, enableSupervisor } from '../supervisor/enable.ts';
import { getSupervisor, listSupervisors, supervisorStats } from '../supervisor/read.ts';
import { registerSupervisor } from '../supervisor/register.ts';
import { updateSupervisor } from '../supervisor/update.ts';
import { capabilities } from './policy.ts';
import { roles, type Viewer } from './viewer.ts';

const t = useTestCore();

const target = { supervisorId: 'supervisor-000000000000' };
const recovery = { ...target, pluginId: 'p', version: '1' };

/** Every operation there is, by the capability that it takes. */
const operations: Record<'read' | 'operate' | 'publish', ((viewer: Viewer) => unknown)[]> = {
  read: [
    (viewer) => getSupervisor(t.core, viewer, target.supervisorId),
    (viewer) => getPlugin(t.core, viewer, 'instance-0000000000000000'),
    (viewer) => findNodes(t.core, viewer, ['event-1']),
    (viewer) => listSupervisors(t.core, viewer, {}),
    (viewer) => listPlugins(t.core, viewer, {}),
    (viewer) => listEvents(t.core, viewer, {}),
    (viewer) => supervisorStats(t.core, viewer, { groupBy: ['STATE'] }),
    (viewer) => pluginStats(t.core, viewer, { groupBy: ['STATE'] }),
    (viewer) => supervisorStates(t.core, viewer, {}),
    (viewer) => pluginStates(t.core, viewer, {}),
  ],
  operate: [
    (viewer) => registerSupervisor(t.core, viewer, target),
    (viewer) => updateSupervisor(t.core, viewer, target),
    (viewer) => enableSupervisor(t.core, viewer, target),
    (viewer) => disableSupervisor(t.core, viewer, target),
    (viewer) => deregisterSupervisor(t.core, viewer, target),
    (viewer) => recoverPlugin(t.core, viewer, recovery),
  ],
  publish: [(viewer) => publish(t, { ...newDomain(), domainId: viewer.domainId ?? 'd' }, { hostname: 'h' }, viewer)],
};

test('A1: each operation is refused to each role that lacks its capability, and only to those', async () => {
  for (const role of roles) {
    const viewer: Viewer = { subject: 'somebody', role, domainId: newDomain().domainId };
    for (const capability of ['read', 'operate', 'publish'] as const) {
      for (const [i, operation] of operations[capability].entries()) {
        const outcome = await refusalOf(async () => operation(viewer)).then(
          ({ code }) => code,
          () => 'DONE',
        );
        const expected = { read: 'DONE', operate: 'NOT_FOUND', publish: 'DONE' }[capability];
        expect(outcome, `${role}: ${capability} ${i}`).toBe(capabilities[role][capability] ? expected : 'FORBIDDEN');
      }
    }
  }
  expect(t.core.hub.openQueues).toBe(0);
});

test('A2: each operation that names another domain is FORBIDDEN', async () => {
  const [own, other] = [newDomain(), newDomain()];
  const { domainId } = other;
  const attempts: (() => unknown)[] = [
    () => listSupervisors(t.core, own.viewer, { domainId }),
    () => listPlugins(t.core, own.viewer, { domainId }),
    () => listEvents(t.core, own.viewer, { domainId }),
    () => supervisorStats(t.core, own.viewer, { domainId, groupBy: ['STATE'] }),
    () => pluginStats(t.core, own.viewer, { domainId, groupBy: ['STATE'] }),
    () => supervisorStates(t.core, own.viewer, { domainId }),
    () => pluginStates(t.core, own.viewer, { domainId }),
    () => registerSupervisor(t.core, own.operator, { ...target, domainId }),
    () => updateSupervisor(t.core, own.operator, { ...target, domainId }),
    () => enableSupervisor(t.core, own.operator, { ...target, domainId }),
    () => disableSupervisor(t.core, own.operator, { ...target, domainId }),
    () => deregisterSupervisor(t.core, own.operator, { ...target, domainId }),
    () => recoverPlugin(t.core, own.operator, { ...recovery, domainId }),
    () => publish(t, other, { hostname: 'h' }, own.agent),
  ];
  for (const [i, attempt] of attempts.entries()) {
    expect((await refusalOf(async () => attempt())).code, `attempt ${i}`).toBe('FORBIDDEN');
  }
});

test('A3: what another domain has is not there for a viewer', async () => {
  const [owner, stranger] = [newDomain(), newDomain()];
  const supervisorId = await supervisorIn(t, owner, 'ENABLED', 'host-1');
  const plugin = await insertManagedPlugin(t, { id: supervisorId, domainId: owner.domainId });
  const event = await t.db.prisma.event.findFirstOrThrow({ where: { domainId: owner.domainId } });
  const id = eventId(Number(event.seq));

  expect(await getPlugin(t.core, owner.viewer, plugin.id)).toMatchObject({ id: plugin.id });
  expect(await findNodes(t.core, owner.viewer, [id])).toMatchObject([{ node: { seq: event.seq } }]);
  expect(await getPlugin(t.core, stranger.viewer, plugin.id)).toBeNull();
  expect(await findNodes(t.core, stranger.viewer, [id])).toEqual([null]);
  for (const list of [listSupervisors, listPlugins, listEvents]) {
    const page = await list(t.core, stranger.viewer, {});
    expect(page.edges).toEqual([]);
    expect(await page.totalCount()).toBe(0);
  }
  expect(await supervisorStats(t.core, stranger.viewer, { groupBy: ['STATE'] })).toEqual([]);
  const refusal = await refusalOf(
    recoverPlugin(t.core, stranger.operator, { supervisorId, pluginId: plugin.pluginId, version: plugin.version }),
  );
  expect(refusal.code).toBe('NOT_FOUND');
});

test('A3: a tenant recovers its own plugin on another domain’s supervisor, and the owner of that cannot', async () => {
  const [owner, tenant] = [newDomain(), newDomain()];
  const supervisorId = await supervisorIn(t, owner, 'ENABLED', 'host-1');
  const plugin = await insertManagedPlugin(t, { id: supervisorId, domainId: tenant.domainId });
  const input = { supervisorId, pluginId: plugin.pluginId, version: plugin.version };
  expect(await refusalOf(recoverPlugin(t.core, owner.operator, input))).toMatchObject({ code: 'NOT_FOUND' });
  expect(await recoverPlugin(t.core, tenant.operator, input)).toMatchObject({ generation: 2 });
});
