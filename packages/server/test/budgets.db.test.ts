import { status } from '@grpc/grpc-js';
import { openTestDatabase } from '@muster/db/testing';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { openReflectionClient, openSocket, startTestServer, type TestServer } from '../testing/index.ts';
import { createKeys } from '../testing/keys.ts';

/** Points that a credential has at first; a hundred come back a second. */
const perMinute = 6_000;
const service = 'spaceone.api.plugin.v1.Supervisor';

let server: TestServer;
let tokens: string[];
beforeAll(async () => {
  const db = await openTestDatabase();
  tokens = await createKeys(
    db,
    Array.from({ length: 5 }, (_, i) => ({ domainId: `tenant-${i}`, role: 'OPERATOR' })),
  );
  server = await startTestServer({ db, env: { MUSTER_POINTS_PER_MINUTE: String(perMinute) } });
});
afterAll(() => server.stop());

/** A credential that no other test has spent. */
const freshToken = () => {
  const token = tokens.pop();
  if (!token) throw new Error('expected a further key; all are spent');
  return token;
};
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

/** An operation with some bytes that mean nothing. */
const padded = (bytes: number) => ({
  query: '{ viewer { role } }',
  extensions: { padding: 'x'.repeat(bytes) },
});

const post = (token: string, body: object) =>
  fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...bearer(token) },
    body: JSON.stringify(body),
  });

interface Answer {
  data?: unknown;
  errors?: { extensions: { code: string } }[];
}

describe('W6: a spent budget is refused with the time until points come back', () => {
  /** 20,000 points and some, of which 14,000 are owed then. */
  const statistics = { query: { aggregate: [{ count: { name: 'all' } }] } };

  test('over REST with 429, RATE_LIMITED and Retry-After; another credential is served', async () => {
    const token = freshToken();
    const stat = () =>
      fetch(`${server.url}/plugin/v1/supervisors/stat`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...bearer(token) },
        body: JSON.stringify(statistics),
      });
    expect((await stat()).status).toBe(200);
    const reply = await stat();
    const { error } = (await reply.json()) as { error: { code: string; message: string; details: object } };
    expect([reply.status, error]).toEqual([
      429,
      {
        code: 'RATE_LIMITED',
        message: 'expected at most 1000000000 points of work a second, and 6000 a minute, for one credential',
        details: { retryAfterMs: expect.any(Number) },
      },
    ]);
    const { retryAfterMs } = error.details as { retryAfterMs: number };
    expect(retryAfterMs).toBeGreaterThan(60_000);
    expect(reply.headers.get('retry-after')).toBe(String(Math.ceil(retryAfterMs / 1_000)));
    expect((await post(freshToken(), padded(0))).status).toBe(200);
  });

  test('over gRPC with RESOURCE_EXHAUSTED, and details that name the code', async () => {
    const token = freshToken();
    const agent = await openReflectionClient(server.grpcAddress);
    onTestFinished(() => agent.close());
    const stat = () => agent.call(service, 'stat', statistics, { metadata: { token } });
    expect(await stat()).toHaveProperty('results');
    await expect(stat()).rejects.toMatchObject({
      code: status.RESOURCE_EXHAUSTED,
      details:
        'ERROR_RATE_LIMITED: expected at most 1000000000 points of work a second, and 6000 a minute, for one credential',
    });
  });
});

describe('W6: what a client sends takes 1 point for 100 bytes', () => {
  const overHttp = async (token: string) => async (bytes: number) =>
    (await (await post(token, padded(bytes))).json()) as Answer;
  const overWebSocket = async (token: string) => {
    const socket = await openSocket(server.url, { params: bearer(token) });
    onTestFinished(() => socket.close());
    let id = 0;
    return async (bytes: number): Promise<Answer> => {
      id += 1;
      socket.send({ id: `${id}`, type: 'subscribe', payload: padded(bytes) });
      const { type, payload } = await socket.next(`${id}`);
      return type === 'error' ? { errors: payload as NonNullable<Answer['errors']> } : (payload as Answer);
    };
  };

  test.each([
    ['in a POST', overHttp],
    ['in a message on a WebSocket', overWebSocket],
  ])('%s', async (_title, open) => {
    const ask = await open(freshToken());
    const answered = { data: { viewer: { role: 'OPERATOR' } } };
    // 5,000 points each, of 6,000: the second is let in by those that are left.
    expect(await ask(500_000)).toEqual(answered);
    expect(await ask(500_000)).toEqual(answered);
    expect(await ask(0)).toMatchObject({ errors: [{ extensions: { code: 'RATE_LIMITED' } }] });
  });
});
