import { expect, test } from 'vitest';
import {
  enabledSupervisor,
  eventsOf,
  newDomain,
  pastLeaseMs,
  publish,
  rowPlaces,
  useTestCore,
} from '../../testing/testCore.ts';
import { fetchAssignments } from '../assignment/assignments.ts';
import { sweep } from '../sweep/sweep.ts';
import { disableSupervisor, enableSupervisor } from './enable.ts';

const t = useTestCore({ settings: { leaseSeconds: 60, publishIntervalMs: 1_000 } });

const hostname = 'host-1';
const stillMs = 600_000;
const rowOf = (id: string) => t.db.prisma.supervisor.findUniqueOrThrow({ where: { id } });
const conditionsOf = async (id: string) => (await rowOf(id)).conditions;
const flapping = [
  {
    type: 'FLAPPING',
    since: expect.any(String),
    message: 'its state changed more than 6 times in 10 minutes',
  },
];

/** An ENABLED supervisor, whose registration was one change of its state. */
async function supervisor() {
  const domain = newDomain();
  const { id } = await enabledSupervisor(t, domain, { hostname });
  const commands = [disableSupervisor, enableSupervisor];
  const toggle = async (times: number) => {
    for (let n = 0; n < times; n++) await commands[n % 2]?.(t.core, domain.operator, { supervisorId: id });
  };
  return { domain, id, toggle };
}

test('S13: a supervisor flaps from the seventh change of state within 10 minutes on, until it was still for 10', async () => {
  const { domain, id, toggle } = await supervisor();
  await toggle(5);
  expect(await conditionsOf(id)).toEqual([]);
  await enableSupervisor(t.core, domain.operator, { supervisorId: id });
  expect(await conditionsOf(id)).toEqual(flapping);
  const events = (await eventsOf(t, domain)).length;
  t.advance(30_000);
  await publish(t, domain, { hostname });
  await sweep(t.core);
  expect(await conditionsOf(id)).toEqual(flapping);
  for (let ms = 0; ms < stillMs; ms += 30_000) {
    t.advance(30_000);
    await publish(t, domain, { hostname });
  }
  expect(await conditionsOf(id)).toEqual(flapping);
  await sweep(t.core);
  expect(await conditionsOf(id)).toEqual([]);
  expect((await eventsOf(t, domain)).slice(events)).toEqual(['SUPERVISOR_UPDATED FLAPPING by muster']);
});

test('S13: changes that take longer than 10 minutes together do not flap', async () => {
  const { id, toggle } = await supervisor();
  await toggle(2);
  t.advance(stillMs + 1_000);
  await toggle(6);
  expect(await conditionsOf(id)).toEqual([]);
  expect((await rowOf(id)).stateChanges).toHaveLength(7);
});

test('S13: an agent that goes silent and comes back again and again flaps, by publishes as by fetches', async () => {
  const comeBack = [
    (domain: ReturnType<typeof newDomain>) => publish(t, domain, { hostname }),
    (domain: ReturnType<typeof newDomain>) => fetchAssignments(t.core, domain.agent, { hostname }),
  ];
  for (const back of comeBack) {
    const domain = newDomain();
    const { id } = await enabledSupervisor(t, domain, { hostname });
    for (let times = 0; times < 4; times++) {
      await t.db.sql.query(
        "UPDATE leases SET expires_at = now() - $2::float8 * interval '1 s' WHERE supervisor_id = $1",
        [id, 86_400],
      );
      await sweep(t.core);
      await back(domain);
    }
    expect(await conditionsOf(id)).toEqual(flapping);
    t.advance(pastLeaseMs);
    await sweep(t.core);
    expect(await rowOf(id)).toMatchObject({ state: 'DISCONNECTED', conditions: flapping });
  }
});

test('L2: a heartbeat of a supervisor that flaps writes only the lease', async () => {
  const { domain, toggle } = await supervisor();
  await toggle(7);
  const before = await rowPlaces(t);
  await publish(t, domain, { hostname });
  expect({ ...(await rowPlaces(t)), leases: '' }).toEqual({ ...before, leases: '' });
});
