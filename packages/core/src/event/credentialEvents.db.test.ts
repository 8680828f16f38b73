import { describe, expect, test } from 'vitest';
import { newDomain, publish, useTestCore } from '../../testing/testCore.ts';
import { revokeApiKey } from '../apiKey/apiKeys.ts';
import { createApiKey } from '../apiKey/createApiKey.ts';
import { eventId } from '../base/ids.ts';
import { findNodes } from '../node.ts';
import { resetSupervisorSecret } from '../supervisor/resetSecret.ts';
import { listEvents } from './read.ts';
import { openStream } from './stream.ts';
import { supervisorWatch } from './watch.ts';

const t = useTestCore();

async function domainWithCredentials() {
  const domain = newDomain();
  const { domainId } = domain;
  const { supervisor } = await publish(t, domain, { hostname: 'host-1', secretKey: 'old' });
  const { apiKey } = await createApiKey(t.core, domain.admin, { name: 'a key', role: 'VIEWER', domainId });
  await revokeApiKey(t.core, domain.operator, { apiKeyId: apiKey.id });
  await revokeApiKey(t.core, domain.operator, { apiKeyId: apiKey.id });
  await resetSupervisorSecret(t.core, domain.admin, { supervisorId: supervisor.id });
  await resetSupervisorSecret(t.core, domain.admin, { supervisorId: supervisor.id });
  return { domain, supervisor, apiKey };
}

describe('E1: making and revoking a key, and resetting a secret, are events', () => {
  test('each once, with the actor, and without a secret or a hash', async () => {
    const { domain, supervisor, apiKey } = await domainWithCredentials();
    const { edges } = await listEvents(t.core, domain.operator, { last: 3 });
    const common = { domainId: domain.domainId, pluginInstanceId: null, from: null, to: null, changes: null };
    expect(edges.map(({ node }) => node)).toMatchObject([
      { ...common, kind: 'API_KEY_CREATED', apiKeyId: apiKey.id, supervisorId: null, actor: domain.admin.subject },
      { ...common, kind: 'API_KEY_REVOKED', apiKeyId: apiKey.id, supervisorId: null, actor: domain.operator.subject },
      {
        ...common,
        kind: 'SUPERVISOR_SECRET_RESET',
        apiKeyId: null,
        supervisorId: supervisor.id,
        actor: domain.admin.subject,
      },
    ]);
    expect(JSON.stringify(edges.map(({ node }) => node.row))).not.toMatch(/hash/);
    const filter = { apiKeyId: { eq: apiKey.id } };
    expect((await listEvents(t.core, domain.operator, { filter })).edges).toHaveLength(2);
  });

  test('shown to the operators of that domain only', async () => {
    const { domain } = await domainWithCredentials();
    const all = await listEvents(t.core, domain.operator, {});
    const ids = all.edges.map(({ node }) => eventId(Number(node.seq)));
    expect(ids).toHaveLength(4);
    const seen = await listEvents(t.core, domain.viewer, {});
    expect(seen.edges.map(({ node }) => node.kind)).toEqual(['SUPERVISOR_CREATED']);
    expect(await seen.totalCount()).toBe(1);
    const kindsFor = async (viewer: typeof domain.viewer) =>
      (await findNodes(t.core, viewer, ids)).map((found) => found && 'kind' in found.node && found.node.kind);
    expect(await kindsFor(domain.viewer)).toEqual(['SUPERVISOR_CREATED', null, null, null]);
    expect(await kindsFor(domain.operator)).not.toContain(null);
    expect(await kindsFor(newDomain().operator)).toEqual([null, null, null, null]);
  });

  test('of a key of all domains for ADMINs of all domains', async () => {
    const domain = newDomain();
    const { apiKey } = await createApiKey(t.core, domain.admin, { name: 'root', role: 'ADMIN' });
    const filter = { apiKeyId: { eq: apiKey.id } };
    const { edges } = await listEvents(t.core, domain.admin, { filter });
    expect(edges.map(({ node }) => node.domainId)).toEqual(['*']);
    expect((await listEvents(t.core, domain.operator, { filter })).edges).toEqual([]);
  });

  test('no change of a supervisor, live or from history: a watch goes on past them', async () => {
    const { domain } = await domainWithCredentials();
    const first = (await listEvents(t.core, domain.operator, { first: 1 })).edges[0]?.cursor;
    const watch = await openStream(t.core, await supervisorWatch(t.core, domain.viewer, { after: first }));
    await publish(t, domain, { hostname: 'host-2' });
    expect((await watch.next()).value).toMatchObject({ type: 'ADDED', row: { hostname: 'host-2' } });
    await domainWithCredentials();
    await publish(t, domain, { hostname: 'host-3' });
    expect((await watch.next()).value).toMatchObject({ type: 'ADDED', row: { hostname: 'host-3' } });
    await watch.return?.();
  });
});
