import { Client, credentials, Metadata } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openReflectionClient, type ReflectionClient, restClient, useTestServer } from '../../testing/index.ts';

const service = 'spaceone.api.plugin.v1.Supervisor';
const domain_id = 'refusals';

const server = useTestServer({ env: { MUSTER_MAX_BODY_BYTES: '65536' } });
let grpc: ReflectionClient;
let rest: ReturnType<typeof restClient>;
let supervisor_id: unknown;

beforeAll(async () => {
  grpc = await openReflectionClient(server.grpcAddress);
  rest = restClient(server.url);
  const plugin_info = [{ plugin_id: 'collector', version: '1.0', state: 'ACTIVE' }];
  const { body } = await rest.post('/supervisors', { name: 'agent', hostname: 'a', domain_id, plugin_info });
  supervisor_id = body.supervisor_id;
});
afterAll(async () => {
  grpc.close();
});

describe('a refusal is a code of the closed set: over gRPC a status with details `CODE: message`, over REST a status and a body', () => {
  test.each<[string, string, () => object, [string, string], [number, number]]>([
    ['what is left out', 'publish', () => ({ hostname: 'a', domain_id }), ['POST', '/supervisors'], [3, 400]],
    [
      'what is not there',
      'get',
      () => ({ supervisor_id: 'supervisor-000000000000' }),
      ['GET', '/supervisor/supervisor-000000000000'],
      [5, 404],
    ],
    ['a state that forbids it', 'enable', () => ({ supervisor_id }), ['PUT', '/supervisor/{id}/enable'], [9, 409]],
    [
      'a recover before registration',
      'recover_plugin',
      () => ({ supervisor_id, plugin_id: 'collector', version: '1.0' }),
      ['POST', '/supervisor/{id}/plugin/collector/recover'],
      [9, 409],
    ],
  ])('%s', async (_what, method, request, [verb, path], [code, status]) => {
    const refusal = await grpc.call(service, method, request()).catch((error: unknown) => error);
    const body = verb === 'GET' ? undefined : request();
    const reply = await rest.send(verb, path.replace('{id}', String(supervisor_id)), body);
    expect(reply.status).toBe(status);
    expect(refusal).toMatchObject({ code, details: `${reply.body.error?.code}: ${reply.body.error?.message}` });
  });

  test('the offending field is named as the wire names it, with the path to it', async () => {
    expect(
      await rest.post('/supervisors', { name: 'agent', hostname: 'a', domain_id, is_public: 'yes' }),
    ).toMatchObject({
      status: 400,
      body: {
        error: { code: 'BAD_USER_INPUT', message: expect.stringMatching(/^is_public: expected/), path: ['is_public'] },
      },
    });
    const labels = [{ env: 'prod' }, 7];
    await expect(
      grpc.call(service, 'publish', { name: 'agent', hostname: 'a', domain_id, labels }),
    ).rejects.toMatchObject({
      code: 3,
      details: 'BAD_USER_INPUT: labels[1]: expected an object or a text; got 7',
    });
  });

  test('one malformed plugin does not stop the rest (P7), nor does a state that is unknown', async () => {
    const plugin_info = [
      7,
      { plugin_id: 'collector', version: '1.0', state: 'BROKEN' },
      { plugin_id: 'b', version: '1', state: 'ACTIVE' },
    ];
    const { status, body } = await rest.post('/supervisors', { name: 'agent', hostname: 'a', domain_id, plugin_info });
    expect(status).toBe(200);
    expect(body.rejected).toMatchObject([{ index: 0 }, { index: 1, plugin_id: 'collector' }]);
  });

  test("an internal error's text never reaches a client", async () => {
    await server.db.sql.query('ALTER TABLE supervisors RENAME TO supervisors_away');
    try {
      const refusal = await grpc.call(service, 'get', { supervisor_id }).catch((error: unknown) => error);
      expect(refusal).toMatchObject({
        code: 13,
        details: expect.stringMatching(/^INTERNAL_SERVER_ERROR: an internal error; it was logged as [0-9a-f-]{36}$/),
      });
      expect(await rest.get(`/supervisor/${supervisor_id}`)).toEqual({
        status: 500,
        body: {
          error: {
            code: 'INTERNAL_SERVER_ERROR',
            message: expect.stringMatching(/^an internal error; it was logged as [0-9a-f-]{36}$/),
            details: { errorId: expect.any(String) },
          },
        },
      });
    } finally {
      await server.db.sql.query('ALTER TABLE supervisors_away RENAME TO supervisors');
    }
  });
});

describe('over REST', () => {
  test('an unknown route is 404, and a wrong method 405 with those that are allowed', async () => {
    expect(await rest.get('/nothing')).toMatchObject({ status: 404, body: { error: { code: 'NOT_FOUND' } } });
    const response = await fetch(`${server.url}/plugin/v1/supervisors`, { method: 'PUT' });
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST, GET']);
    expect(await response.json()).toEqual({
      error: { code: 'BAD_USER_INPUT', message: 'expected POST, GET; got PUT' },
    });
  });

  test('a body that is no JSON, too long, or not called JSON', async () => {
    const post = (body: string, type: string) =>
      fetch(`${server.url}/plugin/v1/supervisors`, { method: 'POST', body, headers: { 'content-type': type } });
    expect((await post('{', 'application/json')).status).toBe(400);
    expect((await post('[]', 'application/json')).status).toBe(400);
    expect((await post('{}', 'text/plain')).status).toBe(415);
    expect((await post(JSON.stringify({ name: 'x'.repeat(70_000) }), 'application/json')).status).toBe(413);
  });

  test('a parameter that is unknown, malformed, or other than the path', async () => {
    const refused = async (path: string) => (await rest.get(path)).body.error?.message;
    expect(await refused('/supervisors?nonsense=1')).toMatch(/^nonsense: expected one of query, supervisor_id/);
    expect(await refused('/supervisors?is_public=yes')).toBe('is_public: expected true or false; got "yes"');
    expect(await refused('/supervisors?query=[')).toBe('query: expected JSON; got "["');
    expect(await refused('/supervisors?name=a&name=b')).toBe('name: expected one value; got 2');
    expect(await refused('/supervisor/a?supervisor_id=b')).toBe('supervisor_id: expected "a", as in the path; got "b"');
    expect(await refused('/supervisor/%ff')).toMatch(/^path: expected UTF-8/);
    expect(await refused(`/supervisor/${supervisor_id}?only=nonsense`)).toMatch(
      /^only\[0\]: expected one of supervisor_id/,
    );
  });

  test('a page of another origin is FORBIDDEN', async () => {
    const headers = { origin: 'https://elsewhere.example' };
    const response = await fetch(`${server.url}/plugin/v1/supervisors`, { headers });
    expect([response.status, ((await response.json()) as { error: { code: string } }).error.code]).toEqual([
      403,
      'FORBIDDEN',
    ]);
  });
});

describe('over gRPC', () => {
  const sendBytes = (bytes: Buffer) => {
    const client = new Client(server.grpcAddress, credentials.createInsecure());
    const same = (buffer: Buffer) => buffer;
    return new Promise<unknown>((resolve) => {
      client.makeUnaryRequest(`/${service}/publish`, same, same, bytes, new Metadata(), (error, answer) => {
        client.close();
        resolve(error ?? answer);
      });
    });
  };

  test('bytes that are no message are BAD_USER_INPUT', async () => {
    expect(await sendBytes(Buffer.from([0xff, 0xff, 0xff]))).toMatchObject({
      code: 3,
      details:
        'BAD_USER_INPUT: message: expected a spaceone.api.plugin.v1.PublishSupervisorRequest; got 3 bytes that are none',
    });
  });

  test('messages nested without end are BAD_USER_INPUT, and the server goes on', async () => {
    // Each level is a ListValue in a Value in a ListValue: field 1, then field 6, each with its length.
    const nested = Array.from({ length: 5_000 }).reduce<Buffer>((inner, _, level) => {
      const tag = level % 2 === 0 ? 0x0a : 0x32;
      return Buffer.concat([Buffer.from([tag, ...varint(inner.length)]), inner]);
    }, Buffer.alloc(0));
    const labels = Buffer.concat([Buffer.from([0x32, ...varint(nested.length)]), nested]);
    expect(await sendBytes(labels)).toMatchObject({ code: 3 });
    expect(await grpc.call(service, 'list', { domain_id })).toMatchObject({ total_count: 1 });
  });

  test('a message that is too long is RESOURCE_EXHAUSTED, in words of the same form', async () => {
    expect(await sendBytes(Buffer.alloc(70_000))).toMatchObject({
      code: 8,
      details: 'BAD_USER_INPUT: expected a message of at most 65536 bytes; got a longer one',
    });
  });

  function varint(number: number): number[] {
    return number < 0x80 ? [number] : [(number & 0x7f) | 0x80, ...varint(number >>> 7)];
  }
});
