import { describe, expect, test } from 'vitest';
import {
  enabledSupervisor,
  everythingOf,
  newDomain,
  publish,
  refusalOf,
  type TestDomain,
  useTestCore,
} from '../../testing/testCore.ts';
import { createApiKey } from '../apiKey/createApiKey.ts';
import { createEnrollmentKey } from '../apiKey/createEnrollmentKey.ts';
import { fetchAssignments, listAssignments } from '../assignment/assignments.ts';
import { hostnameKey } from '../base/hostname.ts';
import { installPlugin } from '../placement/install.ts';
import { recoverPlugin } from '../plugin/recover.ts';
import { registerSupervisor } from './register.ts';

const t = useTestCore();

const supervisorsOf = ({ domainId }: TestDomain) =>
  t.db.prisma.supervisor.findMany({ where: { domainId }, orderBy: { hostname: 'asc' } });

describe('S10: hostnames are one whatever the case of their ASCII letters', () => {
  test('a host that publishes in another case is the supervisor that it was, shown as first given', async () => {
    const domain = newDomain();
    const first = await enabledSupervisor(t, domain, { hostname: 'Edge-1' });
    for (const hostname of ['edge-1', 'EDGE-1', 'Edge-1']) {
      const { supervisor } = await publish(t, domain, { hostname });
      expect(supervisor).toMatchObject({ id: first.id, hostname: 'Edge-1', state: 'ENABLED' });
    }
    expect(await supervisorsOf(domain)).toHaveLength(1);
  });

  test('publishes at once, each in its own case, make one supervisor', async () => {
    const domain = newDomain();
    const spellings = ['abc', 'Abc', 'aBc', 'abC', 'ABc', 'aBC', 'AbC', 'ABC'];
    const results = await Promise.all(spellings.map((hostname) => publish(t, domain, { hostname })));
    expect(new Set(results.map(({ supervisor }) => supervisor.id)).size).toBe(1);
    expect(await supervisorsOf(domain)).toHaveLength(1);
  });

  test('other letters stay apart, in the database as in memory', async () => {
    const domain = newDomain();
    const hostnames = ['\u00e4', '\u00c4', 'k', '\u212a', 'i', '\u0131', '\u0130', 's', '\u017f'];
    for (const hostname of hostnames) await publish(t, domain, { hostname });
    expect(new Set(hostnames.map(hostnameKey)).size).toBe(hostnames.length);
    expect(await supervisorsOf(domain)).toHaveLength(hostnames.length);
  });

  test('an agent fetches its list in any case, and so does an operator by hostname', async () => {
    const domain = newDomain();
    await enabledSupervisor(t, domain, { hostname: 'Edge-1' });
    await installPlugin(t.core, domain.operator, { pluginId: 'p', version: '1.0' });
    for (const viewer of [domain.agent, domain.operator]) {
      expect(await listAssignments(t.core, viewer, { hostname: 'eDGE-1' })).toHaveLength(1);
    }
    expect(await fetchAssignments(t.core, domain.agent, { hostname: 'EDGE-1' })).toHaveLength(1);
  });

  test('A7: a credential that is bound to a host speaks for it in any case', async () => {
    const domain = newDomain();
    const bound = { ...domain.agent, boundHostname: 'EDGE-1' };
    await publish(t, domain, { hostname: 'edge-1' }, bound);
    await fetchAssignments(t.core, bound, { hostname: 'Edge-1' });
    expect((await refusalOf(publish(t, domain, { hostname: 'edge-2' }, bound))).code).toBe('FORBIDDEN');
  });

  test('A7: an enrollment key brings in no host that is known in another case', async () => {
    const domain = newDomain();
    await publish(t, domain, { hostname: 'Edge-1' });
    const { token } = await createEnrollmentKey(t.core, domain.operator, { name: 'key', maxNewcomers: 1 });
    const enrolling = await t.core.access.authenticate(token);
    expect((await refusalOf(publish(t, domain, { hostname: 'edge-1' }, enrolling))).code).toBe('FORBIDDEN');
  });

  test('S9: a refusal in another case is seen on the supervisor that it is about', async () => {
    const domain = newDomain();
    await publish(t, domain, { hostname: 'Edge-1', secretKey: 'right' });
    await refusalOf(publish(t, domain, { hostname: 'EDGE-1', secretKey: 'wrong' }));
    expect((await supervisorsOf(domain))[0]?.conditions).toMatchObject([{ type: 'IDENTITY_REFUSED', count: 1 }]);
  });
});

test('S9: a wrong secret five times is seen by operators: how many, when the first, and by one event a minute', async () => {
  const domain = newDomain();
  await publish(t, domain, { hostname: 'a', secretKey: 'right' });
  for (let times = 0; times < 5; times++) await refusalOf(publish(t, domain, { hostname: 'a', secretKey: 'wrong' }));
  t.advance(61_000);
  await t.core.refusedIdentities.flush();
  const [supervisor] = await supervisorsOf(domain);
  expect(supervisor?.conditions).toMatchObject([{ type: 'IDENTITY_REFUSED', count: 5, since: expect.any(String) }]);
  const events = await t.db.prisma.event.findMany({ where: { domainId: domain.domainId, reason: 'IDENTITY_REFUSED' } });
  expect(events).toHaveLength(2);
});

describe('S10: what can not be seen is refused in every name, id, version and endpoint, and changes nothing', () => {
  test.each(['\u200b', '\u0007', '\u202e', '\ufeff'])('%j', async (unseen) => {
    const domain = newDomain();
    const { supervisor } = await publish(t, domain, { hostname: 'a' });
    const before = await everythingOf(t, domain);
    const bad = `x${unseen}`;
    const supervisorId = supervisor.id;
    for (const attempt of [
      () => publish(t, domain, { hostname: bad }),
      () => publish(t, domain, { hostname: 'a', name: bad }),
      () => publish(t, domain, { hostname: 'a', bootId: bad }),
      () => registerSupervisor(t.core, domain.operator, { supervisorId, name: bad }),
      () => installPlugin(t.core, domain.operator, { pluginId: bad, version: '1.0' }),
      () => installPlugin(t.core, domain.operator, { pluginId: 'p', version: bad }),
      () => recoverPlugin(t.core, domain.operator, { supervisorId, pluginId: bad, version: '1.0' }),
      () => fetchAssignments(t.core, domain.agent, { hostname: bad }),
      () => createApiKey(t.core, domain.operator, { name: bad, role: 'VIEWER', domainId: domain.domainId }),
    ]) {
      const refusal = await refusalOf(attempt());
      expect(refusal.code).toBe('BAD_USER_INPUT');
      expect(refusal.message).toMatch(/such as U\+[0-9A-F]{4}; got "x\\u[0-9a-f]{4}"$/);
    }
    expect(await everythingOf(t, domain)).toEqual(before);
  });

  test('P7: in a plugin of a report it is named in `rejected`', async () => {
    const plugins = [
      { pluginId: 'p\u200b', version: '1.0', state: 'ACTIVE' as const },
      { pluginId: 'p', version: '\u0085', state: 'ACTIVE' as const },
      { pluginId: 'p', version: '1.0', state: 'ACTIVE' as const, endpoint: 'grpc://a\u2060:1' },
      { pluginId: 'p', version: '1.0', state: 'ACTIVE' as const, endpoints: ['grpc://a:1', ' '] },
      { pluginId: 'q', version: '1.0', state: 'ACTIVE' as const },
    ];
    const { rejected } = await publish(t, newDomain(), { hostname: 'a', plugins });
    expect(rejected.map(({ index, code }) => [index, code])).toEqual(
      [0, 1, 2, 3].map((index) => [index, 'BAD_USER_INPUT']),
    );
  });
});
