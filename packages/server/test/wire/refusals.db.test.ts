import { once } from 'node:events';
import { connect, type OutgoingHttpHeaders } from 'node:http2';
import { Client, credentials, Metadata, status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
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

describe('a refusal is a code of the closed set: over gRPC a status with details `ERROR_CODE: message`, over REST a status and a body', () => {
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
    expect(refusal).toMatchObject({ code, details: `ERROR_${reply.body.error?.code}: ${reply.body.error?.message}` });
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
      details: 'ERROR_BAD_USER_INPUT: labels[1]: expected an object or a text; got 7',
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
        details: expect.stringMatching(
          /^ERROR_INTERNAL_SERVER_ERROR: an internal error; it was logged as [0-9a-f-]{36}$/,
        ),
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
  test('what the OpenAPI document calls required, and nothing else, a request is refused without', async () => {
    const whole = { name: 'agent', hostname: 'b', domain_id: 'required' };
    expect((await rest.post('/supervisors', whole)).status).toBe(200);
    for (const field of ['name', 'hostname']) {
      const { status, body } = await rest.post('/supervisors', { ...whole, [field]: undefined });
      expect([status, body.error?.path]).toEqual([400, [field]]);
    }
    const plugin = { plugin_id: 'collector', version: '1.0', state: 'ACTIVE' };
    const plugin_info = [plugin, ...Object.keys(plugin).map((field) => ({ ...plugin, [field]: undefined }))];
    const { rejected } = (await rest.post('/supervisors', { ...whole, plugin_info })).body;
    expect(rejected).toMatchObject([{ index: 1 }, { index: 2 }, { index: 3 }]);
    const recover = await rest.post(`/supervisor/${supervisor_id}/plugin/collector/recover`, {});
    expect([recover.status, recover.body.error?.path]).toEqual([400, ['version']]);
    expect((await rest.post('/supervisors/stat', { domain_id })).body.error?.path?.[0]).toBe('query');
    for (const search of ['/supervisors/search', `/supervisor/${supervisor_id}/plugins/search`]) {
      expect((await rest.post(search)).status).toBe(200);
    }
  });

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
  const sendBytes = (bytes: Buffer, path = `/${service}/publish`) => {
    const client = new Client(server.grpcAddress, credentials.createInsecure());
    const same = (buffer: Buffer) => buffer;
    return new Promise<unknown>((resolve) => {
      client.makeUnaryRequest(path, same, same, bytes, new Metadata(), (error, answer) => {
        client.close();
        resolve(error ?? answer);
      });
    });
  };

  /** The trailers of a call that a client of HTTP/2 makes as it likes. */
  async function trailersOf(headers: OutgoingHttpHeaders, body: Buffer): Promise<[code: number, details: string]> {
    const session = connect(`http://${server.grpcAddress}`);
    onTestFinished(() => session.destroy());
    const type = { ':method': 'POST', 'content-type': 'application/grpc' };
    const stream = session.request({ ...type, ':path': `/${service}/list`, ...headers });
    const trailers = Promise.race([once(stream, 'response'), once(stream, 'trailers')]);
    stream.end(body);
    const [sent] = await trailers;
    return [Number(sent['grpc-status']), decodeURI(sent['grpc-message'])];
  }

  test('bytes that are no message are BAD_USER_INPUT', async () => {
    expect(await sendBytes(Buffer.from([0xff, 0xff, 0xff]))).toMatchObject({
      code: 3,
      details:
        'ERROR_BAD_USER_INPUT: message: expected a spaceone.api.plugin.v1.PublishSupervisorRequest; got 3 bytes that are none',
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
      details: 'ERROR_BAD_USER_INPUT: expected a message of at most 65536 bytes; got a longer one',
    });
  });

  test.each(['/spaceone.api.plugin.v1.Supervisor/nothing', '/spaceone.api.nothing.v1.Nothing/list', '/'])(
    'Errors: the method %s, which there is not, is UNIMPLEMENTED in the same form',
    async (path) => {
      expect(await sendBytes(Buffer.alloc(0), path)).toMatchObject({
        code: status.UNIMPLEMENTED,
        details: `ERROR_UNIMPLEMENTED: expected a method that reflection describes; got "${path}"`,
      });
    },
  );

  test('Errors: what grpc-js refuses before any handler is in the same form: a timeout, a compression, bytes that it can not read', async () => {
    const message = (flag: number, bytes: number[]) => Buffer.from([flag, 0, 0, 0, bytes.length, ...bytes]);
    const unknown = await trailersOf({ 'grpc-encoding': 'br' }, message(1, [1, 2, 3]));
    expect(unknown).toEqual([status.UNIMPLEMENTED, expect.stringMatching(/^ERROR_UNIMPLEMENTED: .*"br"/)]);
    const broken = await trailersOf({ 'grpc-encoding': 'gzip' }, message(1, [1, 2, 3]));
    expect(broken).toEqual([status.INTERNAL, expect.stringMatching(/^ERROR_BAD_USER_INPUT: .*decompress/)]);
    const timeout = await trailersOf({ 'grpc-timeout': 'soon' }, message(0, []));
    expect(timeout).toEqual([status.INTERNAL, expect.stringMatching(/^ERROR_BAD_USER_INPUT: .*"soon"/)]);
    expect(await trailersOf({}, Buffer.alloc(0))).toEqual([
      status.UNIMPLEMENTED,
      expect.stringMatching(/^ERROR_UNIMPLEMENTED: /),
    ]);
  });

  test('Errors: a call whose own deadline has passed is TIMED_OUT, to a client that still listens', async () => {
    const lock = Promise.withResolvers<void>();
    const held = Promise.withResolvers<void>();
    const holding = server.db.transaction(async (sql) => {
      await sql.query('LOCK TABLE supervisors IN ACCESS EXCLUSIVE MODE');
      held.resolve();
      await lock.promise;
    });
    await held.promise;
    const refused = await trailersOf({ 'grpc-timeout': '100m' }, Buffer.alloc(5));
    lock.resolve();
    await holding;
    expect(refused).toEqual([status.DEADLINE_EXCEEDED, expect.stringMatching(/^ERROR_TIMED_OUT: /)]);
  });

  function varint(number: number): number[] {
    return number < 0x80 ? [number] : [(number & 0x7f) | 0x80, ...varint(number >>> 7)];
  }
});
