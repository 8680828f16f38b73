import { describe, expect, test } from 'vitest';
import {
  enabledSupervisor,
  eventsOf,
  everythingOf,
  insertManagedPlugin,
  newDomain,
  publish,
  refusalOf,
  supervisorIn,
  type TestDomain,
  useTestCore,
} from '../../testing/testCore.ts';
import { deregisterSupervisor } from './deregister.ts';
import { registerSupervisor } from './register.ts';
import { updateSupervisor } from './update.ts';

const t = useTestCore();

const hostname = 'host-1';
const only = (domain: TestDomain) =>
  t.db.prisma.supervisor.findFirstOrThrow({ where: { domainId: domain.domainId, hostname } });

test('S1: a refused register applies none of the fields that came with it', async () => {
  const domain = newDomain();
  const supervisor = await enabledSupervisor(t, domain, { hostname });
  const before = await everythingOf(t, domain);
  const input = { supervisorId: supervisor.id, name: 'other', labels: { a: 1 } };
  const refusal = await refusalOf(registerSupervisor(t.core, domain.operator, input));
  expect(refusal.code).toBe('SUPERVISOR_STATE');
  expect(refusal.message).toBe(`cannot register supervisor ${supervisor.id}: its state is ENABLED`);
  expect(await everythingOf(t, domain)).toEqual(before);
});

test('S2: no name, flag or reconnection makes a newcomer ENABLED', async () => {
  const domain = newDomain();
  await supervisorIn(t, domain, 'DISCONNECTED_NEWCOMER', hostname);
  const tries = [
    { name: 'ENABLED' },
    { isPublic: true },
    { labels: { state: 'ENABLED', registered: true } },
    { plugins: [{ pluginId: 'p', version: '1', state: 'ACTIVE' as const }] },
    { bootId: 'boot-2' },
  ];
  for (const input of tries) {
    const { supervisor } = await publish(t, domain, { hostname, ...input }, domain.admin);
    expect(supervisor).toMatchObject({ state: 'PENDING', registeredAt: null });
  }
});

test('S2: the database itself refuses an ENABLED supervisor that was never registered', async () => {
  const domain = newDomain();
  await publish(t, domain, { hostname });
  await expect(
    t.db.sql.query(`UPDATE supervisors SET state = 'ENABLED' WHERE domain_id = $1`, [domain.domainId]),
  ).rejects.toThrow('supervisors_registered');
});

describe('S3: what publish may change', () => {
  const proposed = { name: 'one', labels: { a: 1 }, tags: { b: 2 }, isPublic: true };
  const newer = { name: 'two', labels: { c: 3 }, tags: {}, isPublic: false };

  test('before registration it refreshes what it proposed', async () => {
    const domain = newDomain();
    await publish(t, domain, { hostname, ...proposed }, domain.admin);
    const { supervisor } = await publish(t, domain, { hostname, ...newer }, domain.admin);
    expect(supervisor).toMatchObject(newer);
    expect(await only(domain)).toMatchObject(newer);
  });

  test('before registration it leaves what it does not mention', async () => {
    const domain = newDomain();
    await publish(t, domain, { hostname, ...proposed }, domain.admin);
    await publish(t, domain, { hostname, name: 'one' });
    expect(await only(domain)).toMatchObject(proposed);
  });

  test('after registration it changes nothing, whoever publishes', async () => {
    const domain = newDomain();
    const { supervisor } = await publish(t, domain, { hostname, ...proposed }, domain.admin);
    await registerSupervisor(t.core, domain.operator, { supervisorId: supervisor.id });
    const before = await only(domain);
    await publish(t, domain, { hostname, ...newer }, domain.admin);
    expect(await only(domain)).toEqual(before);
  });

  test('what an operator set before registration stays, and only that', async () => {
    const domain = newDomain();
    const { supervisor } = await publish(t, domain, { hostname, ...proposed }, domain.admin);
    await updateSupervisor(t.core, domain.operator, { supervisorId: supervisor.id, name: 'mine', tags: null });
    await publish(t, domain, { hostname, ...newer, tags: { d: 4 } }, domain.admin);
    expect(await only(domain)).toMatchObject({ name: 'mine', tags: {}, labels: newer.labels, isPublic: false });
  });

  test('a reconnection keeps what operators set', async () => {
    const domain = newDomain();
    const supervisorId = await supervisorIn(t, domain, 'DISCONNECTED_REGISTERED', hostname);
    await updateSupervisor(t.core, domain.operator, { supervisorId, name: 'mine', priority: 7 });
    const { supervisor } = await publish(t, domain, { hostname, name: 'theirs' });
    expect(supervisor).toMatchObject({ state: 'ENABLED', name: 'mine', priority: 7 });
  });
});

describe('S4: register and update', () => {
  test('register sets its fields in the same step: one event', async () => {
    const domain = newDomain();
    const { supervisor } = await publish(t, domain, { hostname, labels: { a: 1 }, tags: { b: 2 } });
    const fields = { name: 'mine', priority: -5, labels: { region: 'eu' }, tags: { owner: 'ops' }, isPublic: true };
    const registered = await registerSupervisor(t.core, domain.admin, { supervisorId: supervisor.id, ...fields });
    expect(registered).toMatchObject({ ...fields, state: 'ENABLED' });
    expect(registered).toEqual({ ...(await only(domain)), secretHash: null });
    expect(await eventsOf(t, domain)).toHaveLength(2);
  });

  test('a field left out stays, null clears, labels and tags are replaced whole', async () => {
    const domain = newDomain();
    const supervisor = await enabledSupervisor(t, domain, { hostname, labels: { a: 1, b: 2 }, tags: { c: 3 } });
    const target = { supervisorId: supervisor.id };
    await updateSupervisor(t.core, domain.admin, { ...target, priority: 3, isPublic: true, labels: { b: 9 } });
    expect(await only(domain)).toMatchObject({ priority: 3, isPublic: true, labels: { b: 9 }, tags: { c: 3 } });
    await updateSupervisor(t.core, domain.operator, {
      ...target,
      priority: null,
      isPublic: null,
      labels: null,
      tags: null,
    });
    expect(await only(domain)).toMatchObject({ name: hostname, priority: 0, isPublic: false, labels: {}, tags: {} });
  });

  test('update works in every state, and leaves the state', async () => {
    const situations = ['PENDING', 'ENABLED', 'DISABLED', 'DISCONNECTED_REGISTERED', 'DISCONNECTED_NEWCOMER'] as const;
    for (const situation of situations) {
      const domain = newDomain();
      const supervisorId = await supervisorIn(t, domain, situation, hostname);
      const updated = await updateSupervisor(t.core, domain.operator, { supervisorId, name: 'mine' });
      expect(updated).toMatchObject({ name: 'mine', state: situation.split('_')[0] });
    }
  });

  test('an update that changes nothing writes no event and leaves updated_at', async () => {
    const domain = newDomain();
    const supervisor = await enabledSupervisor(t, domain, { hostname, labels: { a: 1 } });
    const before = await eventsOf(t, domain);
    const same = { supervisorId: supervisor.id, name: hostname, labels: { a: 1 }, priority: 0 };
    const updated = await updateSupervisor(t.core, domain.operator, same);
    expect(updated.updatedAt).toEqual(supervisor.updatedAt);
    expect(await eventsOf(t, domain)).toEqual(before);
  });

  test.each([
    [{ name: '' }, 'name: expected 1 to 255 characters; got ""'],
    [{ name: null }, 'name: expected string; got null'],
    [{ name: 'x'.repeat(256) }, 'name: expected 1 to 255 characters; got a text of 256 characters'],
    [{ priority: 2 ** 31 }, 'priority: expected number to be <=2147483647; got 2147483648'],
    [{ priority: 1.5 }, 'priority: expected int; got 1.5'],
    [
      { labels: { a: '\0' } },
      /^labels\.a: expected text without NUL characters or unpaired surrogates; got "/,
      ['labels', 'a'],
    ],
    [{ tags: { '\ud800': 1 } }, /^tags: expected text without NUL characters or unpaired surrogates; got an object/],
    [{ labels: { a: 'x'.repeat(17_000) } }, /^labels: expected at most 16384 bytes of JSON; got an object of 1 keys/],
  ])('a field outside the limits is refused with its path: %j', async (patch, message, path = Object.keys(patch)) => {
    const domain = newDomain();
    const supervisor = await enabledSupervisor(t, domain, { hostname });
    const before = await everythingOf(t, domain);
    const input = { supervisorId: supervisor.id, ...patch };
    const refusal = await refusalOf(updateSupervisor(t.core, domain.operator, input));
    expect(refusal.code).toBe('BAD_USER_INPUT');
    expect(refusal.message).toMatch(message);
    expect(refusal.details.path).toEqual(path);
    expect(await everythingOf(t, domain)).toEqual(before);
  });

  test('labels nested deeper than a recursion stands are refused, not an accident', async () => {
    const domain = newDomain();
    const supervisor = await enabledSupervisor(t, domain, { hostname });
    const deep = JSON.parse(`{"a":${'['.repeat(8_000)}${']'.repeat(8_000)}}`);
    const refusal = await refusalOf(
      updateSupervisor(t.core, domain.operator, { supervisorId: supervisor.id, labels: deep }),
    );
    expect(refusal.message).toBe('labels: expected at most 100 levels of JSON; got an object of 1 keys');
  });
});

describe('S5: deregister', () => {
  test('is refused while managed plugins remain, names how many, and changes nothing', async () => {
    const domain = newDomain();
    const supervisor = await enabledSupervisor(t, domain, { hostname });
    await insertManagedPlugin(t, supervisor);
    await insertManagedPlugin(t, supervisor, { version: '2.0', state: 'ERROR' });
    const before = await everythingOf(t, domain);
    const refusal = await refusalOf(deregisterSupervisor(t.core, domain.operator, { supervisorId: supervisor.id }));
    expect(refusal.code).toBe('INSTALLED_PLUGIN_EXISTS');
    expect(refusal.details).toEqual({ managedPlugins: 2 });
    expect(await everythingOf(t, domain)).toEqual(before);
  });

  test('with force deletes them too, and each deletion says who and why (E1)', async () => {
    const domain = newDomain();
    const tenant = newDomain();
    const supervisor = await enabledSupervisor(t, domain, { hostname });
    await insertManagedPlugin(t, supervisor);
    await insertManagedPlugin(t, { id: supervisor.id, domainId: tenant.domainId }, { pluginId: 'foreign' });
    await deregisterSupervisor(t.core, domain.operator, { supervisorId: supervisor.id, force: true });
    expect(await t.db.prisma.plugin.count({ where: { supervisorId: supervisor.id } })).toBe(0);
    expect((await eventsOf(t, domain)).slice(-2).sort()).toEqual([
      'PLUGIN_DELETED ACTIVE>NONE DEREGISTERED by operator',
      'SUPERVISOR_DELETED ENABLED>NONE DEREGISTERED by operator',
    ]);
    expect((await eventsOf(t, tenant)).slice(-1)).toEqual(['PLUGIN_DELETED ACTIVE>NONE DEREGISTERED by operator']);
  });

  test('takes no other value for force than true, false and null', async () => {
    const domain = newDomain();
    const supervisor = await enabledSupervisor(t, domain, { hostname });
    await insertManagedPlugin(t, supervisor);
    const deregister = (force: unknown) =>
      refusalOf(deregisterSupervisor(t.core, domain.operator, { supervisorId: supervisor.id, force }));
    expect((await deregister('yes')).message).toBe('force: expected true or false; got "yes"');
    expect((await deregister(null)).code).toBe('INSTALLED_PLUGIN_EXISTS');
  });

  test('unmanaged plugins don’t stand in its way', async () => {
    const domain = newDomain();
    const supervisor = await enabledSupervisor(t, domain, {
      hostname,
      plugins: [{ pluginId: 'p', version: '1', state: 'ACTIVE' }],
    });
    expect(await deregisterSupervisor(t.core, domain.operator, { supervisorId: supervisor.id })).toBe(supervisor.id);
  });

  test('one that publishes again is a newcomer: PENDING, with another id, and with what publish proposes', async () => {
    const domain = newDomain();
    const supervisor = await enabledSupervisor(t, domain, { hostname, secretKey: 'old' });
    await updateSupervisor(t.core, domain.operator, { supervisorId: supervisor.id, name: 'mine' });
    await deregisterSupervisor(t.core, domain.operator, { supervisorId: supervisor.id });
    const again = await publish(t, domain, { hostname, secretKey: 'new' });
    expect(again.supervisor).toMatchObject({ state: 'PENDING', name: hostname, registeredAt: null });
    expect(again.supervisor.id).not.toBe(supervisor.id);
  });
});

describe('S7: only an ADMIN makes a supervisor public', () => {
  const refusedPublicity = {
    index: -1,
    field: 'isPublic',
    pluginId: null,
    version: null,
    code: 'FORBIDDEN',
    message: 'expected an ADMIN to make the supervisor public; got true from another role',
  };

  test('by the publish that creates it', async () => {
    const domain = newDomain();
    const mine = await publish(t, domain, { hostname, isPublic: true });
    expect(mine).toMatchObject({ supervisor: { isPublic: false }, rejected: [refusedPublicity] });
    const { supervisor, rejected } = await publish(t, domain, { hostname: 'other', isPublic: true }, domain.admin);
    expect([supervisor.isPublic, rejected]).toEqual([true, []]);
  });

  test('by a later publish', async () => {
    const domain = newDomain();
    await publish(t, domain, { hostname });
    const before = await only(domain);
    expect((await publish(t, domain, { hostname, isPublic: true })).rejected).toEqual([refusedPublicity]);
    expect(await only(domain)).toEqual(before);
    const { supervisor } = await publish(t, domain, { hostname, isPublic: true }, domain.admin);
    expect(supervisor.isPublic).toBe(true);
  });

  test('by register and by update, which then do nothing else either', async () => {
    const domain = newDomain();
    const { supervisor } = await publish(t, domain, { hostname });
    const input = { supervisorId: supervisor.id, isPublic: true, name: 'mine' };
    const before = await everythingOf(t, domain);
    for (const operation of [registerSupervisor, updateSupervisor]) {
      expect(await refusalOf(operation(t.core, domain.operator, input))).toMatchObject({ code: 'FORBIDDEN' });
    }
    expect(await everythingOf(t, domain)).toEqual(before);
    await registerSupervisor(t.core, domain.operator, { ...input, isPublic: false });
    await updateSupervisor(t.core, domain.admin, input);
    expect(await only(domain)).toMatchObject({ isPublic: true });
  });

  test('an agent that says what is so already is let through, and may take it back', async () => {
    const domain = newDomain();
    await publish(t, domain, { hostname, isPublic: true }, domain.admin);
    const { supervisor, rejected } = await publish(t, domain, { hostname, isPublic: true });
    expect([supervisor.isPublic, rejected]).toEqual([true, []]);
    expect((await publish(t, domain, { hostname, isPublic: false })).supervisor.isPublic).toBe(false);
  });

  test('P7: a publicity that its reporter may not give stops nothing else of the report', async () => {
    const domain = newDomain();
    const { supervisor, rejected } = await publish(t, domain, {
      hostname,
      isPublic: true,
      labels: { env: 'prod' },
      plugins: [
        { pluginId: 'collector', version: '1.0', state: 'ACTIVE' },
        { pluginId: '', version: '1.0', state: 'ACTIVE' },
      ],
    });
    expect(supervisor).toMatchObject({ state: 'PENDING', isPublic: false, labels: { env: 'prod' } });
    expect(rejected).toMatchObject([refusedPublicity, { index: 1, field: null, code: 'BAD_USER_INPUT' }]);
    const plugins = await t.db.prisma.plugin.findMany({ where: { supervisorId: supervisor.id } });
    expect(plugins).toMatchObject([{ pluginId: 'collector', state: 'ACTIVE' }]);
  });
});

test('first publishes of one agent at once make one supervisor, and all succeed', async () => {
  const domain = newDomain();
  const answers = await Promise.all(Array.from({ length: 8 }, () => publish(t, domain, { hostname })));
  expect(new Set(answers.map(({ supervisor }) => supervisor.id)).size).toBe(1);
  expect(await eventsOf(t, domain)).toEqual(['SUPERVISOR_CREATED NONE>PENDING PUBLISHED by supervisor']);
});

test('a hostname is one supervisor’s in each domain', async () => {
  const [one, two] = [newDomain(), newDomain()];
  const [first, second] = [await publish(t, one, { hostname }), await publish(t, two, { hostname })];
  expect(first.supervisor.id).not.toBe(second.supervisor.id);
});
