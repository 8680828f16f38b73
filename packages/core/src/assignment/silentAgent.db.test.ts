import { beforeEach, describe, expect, test } from 'vitest';
import {
  enabledSupervisor,
  eventsOf,
  insertManagedPlugin,
  newDomain,
  publish,
  reportPlugin,
  rowPlaces,
  type TestDomain,
  useTestCore,
} from '../../testing/testCore.ts';
import { fetchAssignments, getSupervisor, installPlugin, recoverPlugin, uninstallPlugin } from '../index.ts';
import { sweep } from '../sweep/sweep.ts';

// Leases outlast the deadlines that tests pass.
const t = useTestCore({ settings: { leaseSeconds: 100_000, attemptBackoffSeconds: 30 } });
let domain: TestDomain;
let supervisorId: string;

beforeEach(async () => {
  domain = newDomain();
  supervisorId = (await enabledSupervisor(t, domain, { hostname: 'a' })).id;
});

const listed = async () =>
  (await fetchAssignments(t.core, domain.agent, { hostname: 'a' })).map(({ pluginId }) => pluginId);
const install = async (pluginId: string) => {
  const { plugin } = await installPlugin(t.core, domain.operator, { pluginId, version: '1.0' });
  // Rows of one transaction's moment have no order of their own.
  const createdAt = new Date(plugin.createdAt.getTime() + installed++);
  await t.db.prisma.plugin.update({ where: { id: plugin.id }, data: { createdAt } });
};
let installed = 0;
const conditions = async () =>
  (await t.db.prisma.supervisor.findUniqueOrThrow({ where: { id: supervisorId } })).conditions;

/** Ticks that end before the publish, for as long as an agent may have them. */
async function failToInstall(): Promise<string[]> {
  for (let ticks = 0; ticks < 3; ticks++) {
    await listed();
    t.advance(21_000);
  }
  return listed();
}

const silent = { type: 'AGENT_SILENT', since: expect.any(String) };

describe('an agent that lists and never publishes', () => {
  test('is alive, and the newest plugin that it never reported is withheld, with a condition (L1, S8)', async () => {
    await reportPlugin(t, domain, 'a', { pluginId: 'running' });
    await install('first');
    await install('broken');
    expect(await failToInstall()).toEqual(['running', 'first']);
    expect(await conditions()).toEqual([
      {
        ...silent,
        message:
          'its agent asked for its list again and again and published nothing; 1 withheld until the next attempt: broken 1.0',
      },
    ]);
    expect(await getSupervisor(t.core, domain.viewer, supervisorId)).toMatchObject({ connected: true });
    expect((await eventsOf(t, domain)).at(-1)).toBe('SUPERVISOR_UPDATED AGENT_SILENCE by muster');
  });

  test('has the next one withheld if it goes on, and never what it reported: it deletes what its list lacks', async () => {
    await reportPlugin(t, domain, 'a', { pluginId: 'running' });
    await install('first');
    await reportPlugin(t, domain, 'a', { pluginId: 'first' });
    await recoverPlugin(t.core, domain.operator, { supervisorId, pluginId: 'first', version: '1.0' });
    await install('second');
    await install('third');
    await failToInstall();
    expect(await failToInstall()).toEqual(['first', 'running']);
    expect(await failToInstall()).toEqual(['first', 'running']);
    expect(await conditions()).toMatchObject([
      { message: expect.stringMatching(/2 withheld .*: second 1.0, third 1.0$/) },
    ]);
  });

  test('of which everything was reported has the condition alone, until it publishes', async () => {
    await reportPlugin(t, domain, 'a', {});
    expect(await failToInstall()).toEqual(['collector']);
    expect(await conditions()).toEqual([
      { ...silent, message: 'its agent asks for its list again and again and publishes nothing' },
    ]);
    await reportPlugin(t, domain, 'a', {});
    await listed();
    expect(await conditions()).toEqual([]);
  });

  test('is offered what is new to it, before that can be what fails', async () => {
    await reportPlugin(t, domain, 'a', { pluginId: 'running' });
    await failToInstall();
    await install('new');
    expect(await listed()).toEqual(['running', 'new']);
    expect(await listed()).toEqual(['running']);
  });

  test('is not silent before so many lists over so long a time, nor where it publishes between them', async () => {
    await install('new');
    for (let ticks = 0; ticks < 10; ticks++) expect(await listed()).toEqual(['new']);
    await publish(t, domain, { hostname: 'a', plugins: [] });
    t.advance(600_000);
    for (let ticks = 0; ticks < 3; ticks++) expect(await listed()).toEqual(['new']);
    expect(await conditions()).toEqual([]);
  });
});

describe('what is withheld', () => {
  test('is offered again with its next attempt, within the restart budget and its backoff (P5)', async () => {
    await install('broken');
    expect(await failToInstall()).toEqual([]);
    await publish(t, domain, { hostname: 'a', plugins: [] });
    t.advance(601_000);
    await sweep(t.core);
    expect(await listed()).toEqual([]);
    t.advance(31_000);
    await sweep(t.core);
    expect(await listed()).toEqual(['broken']);
    expect(await conditions()).toEqual([]);
  });

  test('is offered again where an operator recovers it (P2), and its condition goes with it where it is uninstalled (P4)', async () => {
    await install('broken');
    expect(await failToInstall()).toEqual([]);
    const plugin = { supervisorId, pluginId: 'broken', version: '1.0' };
    await recoverPlugin(t.core, domain.operator, plugin);
    expect(await listed()).toEqual(['broken']);
    await failToInstall();
    expect(await conditions()).toMatchObject([silent]);
    await uninstallPlugin(t.core, domain.operator, plugin);
    await publish(t, domain, { hostname: 'a', plugins: [] });
    expect(await listed()).toEqual([]);
    expect(await conditions()).toEqual([]);
  });
});

test('what was never reported comes last in the list, the newest at the end, so that all else is installed before it', async () => {
  await reportPlugin(t, domain, 'a', { pluginId: 'z' });
  await install('y');
  await install('x');
  expect(await listed()).toEqual(['z', 'y', 'x']);
});

test('a list and the publish after it write no row but the lease (L2)', async () => {
  await insertManagedPlugin(t, { id: supervisorId, domainId: domain.domainId }, { observedGeneration: 1 });
  await listed();
  await reportPlugin(t, domain, 'a', {});
  const { leases: _before, ...before } = await rowPlaces(t);
  await listed();
  await reportPlugin(t, domain, 'a', {});
  const { leases: _after, ...after } = await rowPlaces(t);
  expect(after).toEqual(before);
});
