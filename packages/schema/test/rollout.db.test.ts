import { randomBytes } from 'node:crypto';
import type { Viewer } from '@muster/core';
import { expect, test } from 'vitest';
import { useTestApi } from '../testing/testApi.ts';

const api = useTestApi();

const operatorOf = (domainId: string): Viewer => ({ subject: 'op', role: 'OPERATOR', domainId });
const newId = (kind: string) => `${kind}-${randomBytes(6).toString('hex')}`;

/** A supervisor of one domain, with a step of a rollout of another. */
async function insertRollout(domainId: string, hostDomainId: string): Promise<string> {
  const host = await api.db.prisma.supervisor.create({
    data: {
      id: newId('supervisor'),
      domainId: hostDomainId,
      hostname: newId('h'),
      name: 'host',
      isPublic: true,
      tags: { secret: hostDomainId },
    },
  });
  const { id } = await api.db.prisma.rollout.create({
    data: {
      id: newId('rollout'),
      domainId,
      pluginId: newId('p'),
      fromVersion: '1',
      toVersion: '2',
      maxUnavailable: 1,
      healthyDeadlineSeconds: 600,
      deadlineAt: new Date(),
      actor: 'op',
      steps: { create: { supervisorId: host.id, position: 0 } },
    },
  });
  return id;
}

const rollout = `query ($id: ID!) { rollout(id: $id) { steps { nodes { supervisor { name tags plugins { nodes { id } } } } } } }`;

test('A6: the supervisor of a step shows its tags in its own domain only', async () => {
  const [own, guest] = [await insertRollout('host', 'host'), await insertRollout('guest', 'host')];
  const supervisor = { name: 'host', tags: { secret: 'host' }, plugins: { nodes: [] } };
  expect(await api.ask(rollout, { id: own }, operatorOf('host'))).toEqual({
    rollout: { steps: { nodes: [{ supervisor }] } },
  });
  expect(await api.ask(rollout, { id: guest }, operatorOf('guest'))).toEqual({
    rollout: { steps: { nodes: [{ supervisor: { ...supervisor, tags: {} } }] } },
  });
});

test('A3: a rollout of another domain is no rollout, whatever is asked of it', async () => {
  const id = await insertRollout('theirs', 'theirs');
  expect(await api.ask(rollout, { id }, operatorOf('ours'))).toEqual({ rollout: null });
  const rollouts = 'query { rollouts { nodes { id steps { nodes { supervisorId } } } } }';
  expect(await api.ask(rollouts, {}, operatorOf('ours'))).toEqual({ rollouts: { nodes: [] } });
  expect(await api.ask(`{ node(id: "${id}") { id } }`, {}, operatorOf('ours'))).toEqual({ node: null });
  const whole = '... on Rollout { pluginId steps { nodes { supervisorId } } }';
  expect(await api.ask(`{ node(id: "${id}") { __typename id ${whole} } }`, {}, operatorOf('theirs'))).toMatchObject({
    node: { __typename: 'Rollout', id, steps: { nodes: [{}] } },
  });
});
