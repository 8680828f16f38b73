import { decodeJwt } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createAgent, openReflectionClient, type ReflectionClient, useTestServer } from '../../testing/index.ts';

const service = 'spaceone.api.plugin.v1.Supervisor';

const server = useTestServer();
let grpc: ReflectionClient;
let admin: string;

interface Made {
  createAgentToken: { token: string; expiresAt: string; apiKey: { id: string; hostname: string } | null };
}

async function mutate<Data>(query: string): Promise<Data> {
  const headers = { 'content-type': 'application/json', ...(admin ? { authorization: `Bearer ${admin}` } : {}) };
  const reply = await fetch(`${server.url}/graphql`, { method: 'POST', headers, body: JSON.stringify({ query }) });
  const { data, errors } = (await reply.json()) as { data: Data; errors?: unknown };
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
}
const tokenFor = async (hostname: string) =>
  (
    await mutate<Made>(
      `mutation { createAgentToken(input: {hostname: "${hostname}", domainId: "acme"}) { token expiresAt apiKey { id hostname } } }`,
    )
  ).createAgentToken;

/** An existing agent, which reads its domain from its token. */
const agentWith = (token: string, hostname: string) =>
  createAgent({ client: grpc, domainId: String(decodeJwt(token).did), hostname, token });

beforeAll(async () => {
  grpc = await openReflectionClient(server.grpcAddress);
});
afterAll(() => grpc.close());

test('A5: on an open server an agent comes with such a token, and the server stays open', async () => {
  const { token, apiKey } = await tokenFor('early');
  expect(apiKey).toBeNull();
  expect(await agentWith(token, 'early').tick()).toMatchObject({ listed: {}, published: true });
  expect(await tokenFor('another')).toMatchObject({ apiKey: null });
});

test('A7: an existing agent is pointed here by its token: it appears, for its host and no other, until the token is revoked', async () => {
  const { createApiKey } = await mutate<{ createApiKey: { token: string } }>(
    'mutation { createApiKey(input: {name: "first", role: ADMIN}) { token } }',
  );
  admin = createApiKey.token;
  const { token, apiKey } = await tokenFor('edge-1');
  expect(apiKey).toMatchObject({ hostname: 'edge-1' });
  const agent = agentWith(token, 'edge-1');
  expect(await agent.tick()).toMatchObject({ listed: {}, published: true });
  expect(
    await grpc.call(service, 'list', { domain_id: 'acme', hostname: 'edge-1' }, { metadata: { token: admin } }),
  ).toMatchObject({ results: [{ hostname: 'edge-1', state: 'PENDING' }] });
  expect(await agentWith(token, 'edge-2').tick()).toMatchObject({
    listed: null,
    refusal: expect.stringMatching(/^ERROR_FORBIDDEN: /),
  });
  await mutate(`mutation { revokeApiKey(input: {apiKeyId: "${apiKey?.id}"}) { revokedMadeKeys } }`);
  expect(await agent.tick()).toMatchObject({
    listed: null,
    asked: 1,
    refusal: 'ERROR_UNAUTHENTICATED: the API key has been revoked',
  });
});

test('A1: an agent that was given an operator’s key is refused with the first thing that it asks for', async () => {
  const { createApiKey } = await mutate<{ createApiKey: { token: string } }>(
    'mutation { createApiKey(input: {name: "ops", role: OPERATOR, domainId: "acme"}) { token } }',
  );
  const agent = createAgent({ client: grpc, domainId: 'acme', hostname: 'edge-1', token: createApiKey.token });
  expect(await agent.tick()).toMatchObject({
    listed: null,
    published: false,
    refusal: expect.stringMatching(/^ERROR_FORBIDDEN: .*expected a credential of the role SUPERVISOR/),
  });
});
