import { describe, expect, test } from 'vitest';
import {
  enabledSupervisor,
  eventsOf,
  insertManagedPlugin,
  newDomain,
  pastLeaseMs,
  publish,
  supervisorIn,
  type TestDomain,
  useTestCore,
} from '../../testing/testCore.ts';
import { preregisterSupervisor } from '../supervisor/preregister.ts';
import { sweep } from './sweep.ts';

const day = 86_400_000;
const hostname = 'host-1';

const supervisorsOf = (t: ReturnType<typeof useTestCore>, { domainId }: TestDomain) =>
  t.db.prisma.supervisor.count({ where: { domainId } });

describe('S11: with the settings as they are', () => {
  const t = useTestCore();

  test('a newcomer that stays DISCONNECTED for 7 days is forgotten, with an event; then it may come anew', async () => {
    const domain = newDomain();
    const id = await supervisorIn(t, domain, 'DISCONNECTED_NEWCOMER', hostname);
    t.advance(7 * day - 10_000);
    expect((await sweep(t.core)).forgotten).not.toContain(id);
    t.advance(20_000);
    expect((await sweep(t.core)).forgotten).toEqual([id]);
    expect((await eventsOf(t, domain)).slice(-1)).toEqual(['SUPERVISOR_DELETED DISCONNECTED>NONE FORGOTTEN by muster']);
    const { supervisor } = await publish(t, domain, { hostname });
    expect(supervisor.state).toBe('PENDING');
    expect(supervisor.id).not.toBe(id);
  });

  test('one that came back within 7 days, or is registered, stays', async () => {
    const [domain, registered, awaited] = [newDomain(), newDomain(), newDomain()];
    await supervisorIn(t, domain, 'DISCONNECTED_NEWCOMER', hostname);
    await supervisorIn(t, registered, 'DISCONNECTED_REGISTERED', hostname);
    await preregisterSupervisor(t.core, awaited.operator, { hostname });
    t.advance(6 * day);
    await publish(t, domain, { hostname });
    t.advance(2 * day);
    await sweep(t.core);
    await sweep(t.core);
    for (const each of [domain, registered, awaited]) expect(await supervisorsOf(t, each)).toBe(1);
  });
});

describe('S11: with forgetDisconnectedDays: 1 and forgetNewcomersDays: 0', () => {
  const t = useTestCore({ settings: { forgetDisconnectedDays: 1, forgetNewcomersDays: 0 } });

  test('a registered supervisor goes with its plugins, each by an event, and a newcomer stays', async () => {
    const [domain, newcomers] = [newDomain(), newDomain()];
    const { id } = await enabledSupervisor(t, domain, { hostname });
    await insertManagedPlugin(t, { id, domainId: domain.domainId });
    await publish(t, newcomers, { hostname });
    t.advance(pastLeaseMs);
    await sweep(t.core);
    t.advance(day);
    expect((await sweep(t.core)).forgotten).toEqual([id]);
    expect((await eventsOf(t, domain)).slice(-2).sort()).toEqual([
      'PLUGIN_DELETED ACTIVE>NONE FORGOTTEN by muster',
      'SUPERVISOR_DELETED DISCONNECTED>NONE FORGOTTEN by muster',
    ]);
    t.advance(30 * day);
    await sweep(t.core);
    expect(await supervisorsOf(t, newcomers)).toBe(1);
  });

  test('a bounded number of supervisors goes a round, and two sweeps at once delete each of them once', async () => {
    const domain = newDomain();
    await t.db.sql.query(
      `INSERT INTO supervisors (id, domain_id, hostname, name, state, registered_at)
       SELECT 'supervisor-' || lpad(to_hex(i), 12, '0'), $1, 'h' || i, 'h' || i, 'DISCONNECTED', now()
       FROM generate_series(1, 150) AS i`,
      [domain.domainId],
    );
    t.advance(2 * day);
    const { forgotten } = await sweep(t.core);
    expect(forgotten).toHaveLength(100);
    const [first, second] = await Promise.all([sweep(t.core), sweep(t.core)]);
    expect(first.forgotten.length + second.forgotten.length).toBe(50);
    expect(await supervisorsOf(t, domain)).toBe(0);
    expect((await eventsOf(t, domain)).filter((event) => event.startsWith('SUPERVISOR_DELETED'))).toHaveLength(150);
  });
});
