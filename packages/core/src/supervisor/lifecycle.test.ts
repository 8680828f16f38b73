import { expect, test } from 'vitest';
import { refusalOf } from '../../testing/refusal.ts';
import { decide, type SupervisorCommand, situationOf, supervisorLifecycle } from './lifecycle.ts';

/** domain.md's table, cell by cell: what it says in words, what the code's table says. */
const specified = `
                        publish  register      preregister   enable         disable                 deregister  expire
UNKNOWN                 PENDING  notFound      DISCONNECTED  notFound       notFound                notFound    none
PENDING                 stay     ENABLED       ENABLED       refuse         refuse                  delete      DISCONNECTED
ENABLED                 stay     refuse        refuse        stay           DISABLED                delete      DISCONNECTED
DISABLED                stay     refuse        refuse        ENABLED        stay                    delete      stay+LEASE_EXPIRED
DISCONNECTED_REGISTERED ENABLED  refuse        refuse        ENABLED+lease  DISABLED+LEASE_EXPIRED  delete      none
DISCONNECTED_NEWCOMER   PENDING  DISCONNECTED  DISCONNECTED  refuse         refuse                  delete      none
`;

test('the supervisor lifecycle is the one that is specified', () => {
  const [heading = '', ...lines] = specified.trim().split('\n');
  const commands = heading.trim().split(/\s+/);
  const table = Object.fromEntries(
    lines.map((line) => {
      const [situation = '', ...cells] = line.trim().split(/\s+/);
      return [situation, Object.fromEntries(cells.map((cell, i) => [commands[i], cell]))];
    }),
  );
  const written = Object.fromEntries(
    Object.entries(supervisorLifecycle).map(([situation, outcomes]) => [
      situation,
      Object.fromEntries(
        Object.entries(outcomes).map(([command, outcome]) => {
          if (outcome.kind !== 'become' && outcome.kind !== 'stay') return [command, outcome.kind];
          const says = outcome.kind === 'stay' ? 'stay' : outcome.state;
          if (outcome.condition !== undefined) return [command, `${says}+${outcome.condition}`];
          return [command, outcome.kind === 'become' && outcome.freshLease ? `${says}+lease` : says];
        }),
      ),
    ]),
  );
  expect(written).toEqual(table);
});

test('S2: registering, by id or by hostname, is the only command that takes a newcomer to ENABLED', () => {
  for (const situation of ['UNKNOWN', 'PENDING', 'DISCONNECTED_NEWCOMER'] as const) {
    const commands = Object.entries(supervisorLifecycle[situation])
      .filter(([, outcome]) => outcome.kind === 'become' && outcome.state === 'ENABLED')
      .map(([command]) => command);
    expect(commands).toEqual(situation === 'PENDING' ? ['register', 'preregister'] : []);
  }
});

test('a disconnected supervisor is told apart by whether it was ever registered', () => {
  expect(situationOf({ state: 'DISCONNECTED', registeredAt: new Date() })).toBe('DISCONNECTED_REGISTERED');
  expect(situationOf({ state: 'DISCONNECTED', registeredAt: null })).toBe('DISCONNECTED_NEWCOMER');
  expect(situationOf({ state: 'PENDING', registeredAt: null })).toBe('PENDING');
});

test('S1: a refusal names the command, the supervisor and its state', async () => {
  const supervisor = { id: 'supervisor-0123456789ab', state: 'DISCONNECTED', registeredAt: null } as const;
  const commands: SupervisorCommand[] = ['enable', 'disable'];
  for (const command of commands) {
    const refusal = await refusalOf(() => decide(command, supervisor));
    expect(refusal.code).toBe('SUPERVISOR_STATE');
    expect(refusal.message).toBe(
      `cannot ${command} supervisor supervisor-0123456789ab: its state is DISCONNECTED, and it has never been registered`,
    );
    expect(refusal.details).toEqual({ command, supervisorId: supervisor.id, state: 'DISCONNECTED' });
  }
});
