import { type ServiceError, status } from '@grpc/grpc-js';
import { type Database, openDatabase } from '@muster/db';
import { createPostgresDatabase, testDatabaseKind } from '@muster/db/testing';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import {
  openReflectionClient,
  openSocket,
  openStream,
  refusalCode,
  startTestServer,
  type TestServer,
} from '../testing/index.ts';
import { createKeys } from '../testing/keys.ts';
import { metricOf } from '../testing/unread.ts';

const service = 'spaceone.api.plugin.v1.Supervisor';
const read = '{ supervisors(first: 1) { nodes { id } } }';
const publish =
  'mutation ($input: PublishSupervisorInput!) { publishSupervisor(input: $input) { supervisor { hostname } } }';
const agent = { name: 'busy', hostname: 'busy' };

/** A refusal as a front tells it; `retryAfterMs` is undefined where the front has no place for it. */
interface Refusal {
  code: unknown;
  retryAfterMs?: unknown;
  status?: number;
  retryAfter?: string | null;
}

describe.runIf(testDatabaseKind() === 'postgresql')('W4: a full queue is RATE_LIMITED at once, on every front', () => {
  let server: TestServer;
  let observer: Database;
  let drop: () => Promise<void>;
  let reader: string;
  let reporter: string;
  beforeAll(async () => {
    const database = await createPostgresDatabase();
    drop = database.drop;
    const db = await openDatabase({ url: database.url, operationTimeoutMs: 600_000 });
    observer = await openDatabase({ url: database.url });
    [reader = '', reporter = ''] = await createKeys(db, [
      { domainId: 'readers', role: 'VIEWER' },
      { domainId: 'agents', role: 'SUPERVISOR' },
    ]);
    server = await startTestServer({
      db,
      env: {
        MUSTER_OPERATION_TIMEOUT_SECONDS: '600',
        MUSTER_SWEEP_INTERVAL_MS: '600000',
        MUSTER_MAX_OPERATIONS_PER_CREDENTIAL: '1',
        MUSTER_MAX_QUEUED_OPERATIONS_PER_DOMAIN: '2',
      },
    });
  });
  afterAll(async () => {
    await server.stop();
    await observer.close();
    await drop();
  });

  /** Keeps everybody from the table of supervisors, until the test's end or the call that is returned. */
  async function holdSupervisors(): Promise<() => Promise<void>> {
    const locked = Promise.withResolvers<void>();
    const over = Promise.withResolvers<void>();
    const holding = observer.transaction(async (sql) => {
      await sql.query('LOCK TABLE supervisors IN ACCESS EXCLUSIVE MODE');
      locked.resolve();
      await over.promise;
    });
    await locked.promise;
    const free = async () => {
      over.resolve();
      await holding;
    };
    onTestFinished(free);
    return free;
  }

  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
  const ofErrors = ([error]: { extensions: Refusal }[] = []): Refusal => ({
    code: error?.extensions.code,
    retryAfterMs: error?.extensions.retryAfterMs,
  });

  async function overHttp(path: string, token: string, body?: object): Promise<Refusal> {
    const reply = await fetch(server.url + path, {
      method: body ? 'POST' : 'GET',
      headers: { accept: 'application/json', 'content-type': 'application/json', ...bearer(token) },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const { errors, error } = (await reply.json()) as {
      errors?: { extensions: Refusal }[];
      error?: { code: string; details?: { retryAfterMs: number } };
    };
    const refusal = errors ? ofErrors(errors) : { code: error?.code, retryAfterMs: error?.details?.retryAfterMs };
    return { ...refusal, status: reply.status, retryAfter: reply.headers.get('retry-after') };
  }

  async function overSse(token: string, query: string): Promise<Refusal> {
    const stream = await openStream(server.url, query, {}, bearer(token));
    onTestFinished(() => stream.close());
    return ofErrors((await stream.next()).payload?.errors as { extensions: Refusal }[]);
  }

  async function overWebSocket(token: string, query: string, variables = {}): Promise<Refusal> {
    const socket = await openSocket(server.url, { params: bearer(token) });
    onTestFinished(() => socket.close());
    socket.start('1', query, variables);
    return ofErrors(((await socket.next('1')).payload as { errors: { extensions: Refusal }[] }).errors);
  }

  async function overGrpc(token: string, method: string, request: object): Promise<Refusal> {
    const client = await openReflectionClient(server.grpcAddress);
    onTestFinished(() => client.close());
    const answer = await client.call(service, method, request, { metadata: { token } }).catch((error) => error);
    const error = answer as ServiceError;
    return { code: error.code === status.RESOURCE_EXHAUSTED ? refusalCode(error) : answer };
  }

  const refused = { code: 'RATE_LIMITED', retryAfterMs: expect.any(Number) };
  const refusedByHttp = { ...refused, status: 429, retryAfter: expect.stringMatching(/^\d+$/) };
  /** A field of an operation that was begun: GraphQL answers the operation. */
  const refusedField = { ...refused, status: 200, retryAfter: null };

  test('of operations of a credential', async () => {
    const free = await holdSupervisors();
    const first = [1, 2].map(() => overHttp('/graphql', reader, { query: read }));
    await expect.poll(() => metricOf(server, 'muster_operations_waiting')).toBe(1);
    const byGet = `/graphql?query=${encodeURIComponent(read)}`;
    expect(await overHttp('/graphql', reader, { query: read })).toEqual(refusedByHttp);
    expect(await overHttp(byGet, reader)).toEqual(refusedByHttp);
    expect(await overSse(reader, read)).toEqual(refused);
    expect(await overWebSocket(reader, read)).toEqual(refused);
    expect(await overHttp('/plugin/v1/supervisors', reader)).toEqual(refusedByHttp);
    expect(await overGrpc(reader, 'list', {})).toEqual({ code: 'RATE_LIMITED' });
    expect(await metricOf(server, 'muster_operations_refused_total')).toBe(6);
    await free();
    for (const answer of await Promise.all(first)) expect(answer).toMatchObject({ status: 200 });
  });

  test('of reports of an agent', async () => {
    const free = await holdSupervisors();
    const report = () => overHttp('/graphql', reporter, { query: publish, variables: { input: agent } });
    // One is being written, 20 wait, and the other 9 are refused while those do.
    const answered: Refusal[] = [];
    const answers = Array.from({ length: 30 }, async () => {
      const answer = await report();
      answered.push(answer);
      return answer;
    });
    await expect.poll(() => answered.length).toBe(9);
    expect(answered).toEqual(Array(9).fill(refusedField));
    expect(await report()).toEqual(refusedField);
    expect(await overWebSocket(reporter, publish, { input: agent })).toEqual(refused);
    expect(await overHttp('/plugin/v1/supervisors', reporter, agent)).toEqual(refusedByHttp);
    expect(await overGrpc(reporter, 'publish', agent)).toEqual({ code: 'RATE_LIMITED' });
    await free();
    expect((await Promise.all(answers)).filter(({ code }) => code === undefined)).toHaveLength(21);
    expect(server.logged.filter(({ level }) => level >= 50)).toEqual([]);
  });
});
