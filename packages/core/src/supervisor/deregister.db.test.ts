import { describe, expect, test } from 'vitest';
import { tick } from '../../testing/agent.ts';
import {
  enabledSupervisor,
  insertManagedPlugin,
  newDomain,
  pastLeaseMs,
  publish,
  refusalOf,
  type TestDomain,
  useTestCore,
} from '../../testing/testCore.ts';
import { drainSupervisor } from '../placement/drain/cordon.ts';
import { installPlugin } from '../placement/install.ts';
import { uninstallPlugin } from '../placement/uninstall.ts';
import { sweep } from '../sweep/sweep.ts';
import { deregisterSupervisor } from './deregister.ts';
import { disableSupervisor } from './enable.ts';

const t = useTestCore();

const hostname = 'host-1';
const plugin = { pluginId: 'collector', version: '1.0' };

async function supervisorWithUnwantedPlugin(domain: TestDomain): Promise<string> {
  const { id } = await enabledSupervisor(t, domain, { hostname });
  await installPlugin(t.core, domain.operator, plugin);
  await tick(t, domain, hostname);
  await uninstallPlugin(t.core, domain.operator, plugin);
  return id;
}

const deregister = (domain: TestDomain, supervisorId: string) =>
  deregisterSupervisor(t.core, domain.operator, { supervisorId });

describe('S5: an unwanted plugin bars the deregistration of its supervisor', () => {
  test('while a live agent runs it, and no longer once a report lacks it', async () => {
    const domain = newDomain();
    const id = await supervisorWithUnwantedPlugin(domain);
    const refusal = await refusalOf(deregister(domain, id));
    expect(refusal.code).toBe('INSTALLED_PLUGIN_EXISTS');
    expect(refusal.message).toMatch(/; it has collector 1\.0$/);
    await publish(t, domain, { hostname });
    expect((await refusalOf(deregister(domain, id))).code).toBe('INSTALLED_PLUGIN_EXISTS');
    await tick(t, domain, hostname);
    expect(await deregister(domain, id)).toBe(id);
  });

  test('no longer once the supervisor is DISCONNECTED', async () => {
    const domain = newDomain();
    const id = await supervisorWithUnwantedPlugin(domain);
    t.advance(pastLeaseMs);
    await sweep(t.core);
    expect(await deregister(domain, id)).toBe(id);
  });

  test('nor of a DISABLED one whose agent went silent', async () => {
    const domain = newDomain();
    const id = await supervisorWithUnwantedPlugin(domain);
    await disableSupervisor(t.core, domain.operator, { supervisorId: id });
    expect((await refusalOf(deregister(domain, id))).code).toBe('INSTALLED_PLUGIN_EXISTS');
    t.advance(pastLeaseMs);
    await sweep(t.core);
    expect(await deregister(domain, id)).toBe(id);
  });

  test('not where its agent never reported it', async () => {
    const domain = newDomain();
    const { id } = await enabledSupervisor(t, domain, { hostname });
    await installPlugin(t.core, domain.operator, plugin);
    expect((await refusalOf(deregister(domain, id))).message).toMatch(/; it has collector 1\.0$/);
    await uninstallPlugin(t.core, domain.operator, plugin);
    expect(await deregister(domain, id)).toBe(id);
  });
});

test('S5, D1: a supervisor that is DRAINED can be deregistered: nothing that was moved still runs there', async () => {
  const domain = newDomain();
  const { id } = await enabledSupervisor(t, domain, { hostname });
  await installPlugin(t.core, domain.operator, plugin);
  await tick(t, domain, hostname);
  await enabledSupervisor(t, domain, { hostname: 'host-2' });
  await drainSupervisor(t.core, domain.operator, { supervisorId: id });
  const drainState = async () => (await t.db.prisma.supervisor.findUniqueOrThrow({ where: { id } })).drainState;
  await sweep(t.core);
  await tick(t, domain, 'host-2');
  await sweep(t.core);
  expect(await drainState()).toBe('DRAINING');
  expect((await refusalOf(deregister(domain, id))).message).toMatch(/; it has collector 1\.0$/);
  await tick(t, domain, hostname);
  await sweep(t.core);
  expect(await drainState()).toBe('DRAINED');
  expect(await deregister(domain, id)).toBe(id);
});

describe('S5: the refusal names the plugins', () => {
  test('up to ten, and says how many more there are', async () => {
    const domain = newDomain();
    const supervisor = await enabledSupervisor(t, domain, { hostname });
    for (let n = 10; n < 20; n++) await insertManagedPlugin(t, supervisor, { pluginId: `p${n}` });
    const names = Array.from({ length: 10 }, (_, n) => `p${n + 10} 1.0`).join(', ');
    expect((await refusalOf(deregister(domain, supervisor.id))).message).toMatch(new RegExp(`; it has ${names}$`));
    await insertManagedPlugin(t, supervisor, { pluginId: 'p20' });
    await insertManagedPlugin(t, supervisor, { pluginId: 'p21' });
    const refusal = await refusalOf(deregister(domain, supervisor.id));
    expect(refusal.message).toMatch(new RegExp(`; it has ${names} and 2 more$`));
    expect(refusal.details).toEqual({ managedPlugins: 12 });
  });

  test('A3: but none of another domain', async () => {
    const [domain, tenant] = [newDomain(), newDomain()];
    const { id } = await enabledSupervisor(t, domain, { hostname });
    await insertManagedPlugin(t, { id, domainId: tenant.domainId }, { pluginId: 'foreign' });
    const refusal = await refusalOf(deregister(domain, id));
    expect(refusal.message).toMatch(/; it has 1 of other domains$/);
    await insertManagedPlugin(t, { id, domainId: domain.domainId });
    expect((await refusalOf(deregister(domain, id))).message).toMatch(/; it has collector 1\.0 and 1 more$/);
    const byAdmin = await refusalOf(deregisterSupervisor(t.core, domain.admin, { supervisorId: id }));
    expect(byAdmin.message).toMatch(/; it has collector 1\.0, foreign 1\.0$/);
  });
});
