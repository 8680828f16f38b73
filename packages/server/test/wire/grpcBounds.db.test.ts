import { once } from 'node:events';
import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2';
import { Client, type ClientReadableStream, credentials, type ServiceError, status } from '@grpc/grpc-js';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openReflectionClient, startTestServer, type TestServer } from '../../testing/index.ts';
import type { TestServerOptions } from '../../testing/testServer.ts';

const health = '/grpc.health.v1.Health';
const reflection = '/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo';
const same = (bytes: Buffer) => bytes;
const empty = Buffer.alloc(0);

async function start(env: TestServerOptions['env'] = {}): Promise<TestServer> {
  const server = await startTestServer({ env });
  onTestFinished(() => server.stop());
  return server;
}

function grpcClient({ grpcAddress }: TestServer): Client {
  // Clients share the connections to an address unless they are asked not to.
  const client = new Client(grpcAddress, credentials.createInsecure(), { 'grpc.use_local_subchannel_pool': 1 });
  onTestFinished(() => client.close());
  return client;
}

/** A client of HTTP/2 alone, which does as it likes. */
function openSession({ grpcAddress }: TestServer): ClientHttp2Session {
  const session = connect(`http://${grpcAddress}`);
  session.on('error', () => {});
  onTestFinished(() => session.destroy());
  return session;
}

function requestOf(session: ClientHttp2Session, path: string): ClientHttp2Stream {
  const stream = session.request({ ':method': 'POST', ':path': path, 'content-type': 'application/grpc' });
  stream.on('error', () => {});
  return stream;
}

/** Why a connection is closed: the code of its GOAWAY, and the words that come with it. */
async function goaway(session: ClientHttp2Session): Promise<[code: number, words: string]> {
  const [code, , words] = await once(session, 'goaway');
  return [code, String(words ?? '')];
}

const enhanceYourCalm = 11;

function check(client: Client): Promise<ServiceError | null> {
  return new Promise((resolve) => client.makeUnaryRequest(`${health}/Check`, same, same, empty, resolve));
}

/** How many connections were closed for a cause. */
async function closings({ url }: TestServer, cause: string): Promise<number> {
  const metrics = await (await fetch(`${url}/metrics`)).text();
  return Number(new RegExp(`muster_connections_closed_total\\{cause="${cause}"\\} (\\d+)`).exec(metrics)?.[1] ?? 0);
}

describe('W10: health and reflection take from their address’s rate', () => {
  test('the health that is asked for faster is RATE_LIMITED, and a call with its own right isn’t', async () => {
    const server = await start({ MUSTER_ANONYMOUS_REQUESTS_PER_SECOND: '10' });
    const agent = await openReflectionClient(server.grpcAddress);
    onTestFinished(() => agent.close());
    const client = grpcClient(server);
    const answers = await Promise.all(Array.from({ length: 300 }, () => check(client)));
    const refused = answers.filter((error) => error !== null);
    expect(refused.length).toBeGreaterThan(150);
    for (const { code, details } of refused) {
      expect([code, details]).toEqual([
        status.RESOURCE_EXHAUSTED,
        'ERROR_RATE_LIMITED: expected at most 10 requests a second without a credential from one address',
      ]);
    }
    await agent.call('spaceone.api.plugin.v1.Supervisor', 'list');
  });

  test('each question of a stream counts, and the stream ends with the first that is too many', async () => {
    const server = await start({ MUSTER_ANONYMOUS_REQUESTS_PER_SECOND: '1' });
    const stream = grpcClient(server).makeBidiStreamRequest(reflection, same, same);
    let answers = 0;
    stream.on('data', () => {
      answers += 1;
    });
    const listServices = Buffer.from([(7 << 3) | 2, 0]);
    for (let i = 0; i < 500; i++) stream.write(listServices);
    const [error] = await once(stream, 'error');
    expect(error).toMatchObject({ code: status.RESOURCE_EXHAUSTED });
    expect(answers).toBeGreaterThan(0);
    expect(answers).toBeLessThan(250);
  });

  test('methods that there aren’t count too: past the rate their connection is closed', async () => {
    const server = await start({ MUSTER_ANONYMOUS_REQUESTS_PER_SECOND: '1' });
    const session = openSession(server);
    const closed = goaway(session);
    for (let i = 0; i < 90; i++) requestOf(session, '/no.such.Service/Method').end();
    expect(await closed).toEqual([enhanceYourCalm, 'unknown_methods']);
    expect(await check(grpcClient(server))).toMatchObject({ code: status.RESOURCE_EXHAUSTED });
  });
});

describe('W10: a gRPC connection is bounded', () => {
  test('in its streams', async () => {
    const session = openSession(await start({ MUSTER_GRPC_MAX_STREAMS: '7' }));
    const [settings] = await once(session, 'remoteSettings');
    expect(settings.maxConcurrentStreams).toBe(7);
  });

  test('in the calls that its client cancels: past their rate it is closed, and others go on', async () => {
    const server = await start({ MUSTER_GRPC_MAX_RESETS_PER_SECOND: '10' });
    const innocent = grpcClient(server);
    expect(await check(innocent)).toBeNull();
    const session = openSession(server);
    const closed = goaway(session);
    await once(session, 'connect');
    for (let i = 0; i < 90; i++) requestOf(session, `${health}/Watch`).close(8);
    expect(await closed).toEqual([enhanceYourCalm, 'resets']);
    expect(await closings(server, 'resets')).toBe(1);
    expect(await check(innocent)).toBeNull();
  });

  test('in its client’s pings', async () => {
    const server = await start({ MUSTER_GRPC_MAX_PINGS_PER_MINUTE: '5' });
    const session = openSession(server);
    const closed = goaway(session);
    await once(session, 'connect');
    for (let i = 0; i < 8; i++) session.ping(() => {});
    expect(await closed).toEqual([enhanceYourCalm, 'too_many_pings']);
    expect(await closings(server, 'pings')).toBe(1);
  });

  test('in its idle time', async () => {
    const session = openSession(await start({ MUSTER_GRPC_MAX_CONNECTION_IDLE_SECONDS: '1' }));
    expect((await goaway(session))[0]).toBe(0);
  });

  test('in its age, though its calls may end', async () => {
    const server = await start({ MUSTER_GRPC_MAX_CONNECTION_AGE_SECONDS: '1' });
    const session = openSession(server);
    const watch = requestOf(session, `${health}/Watch`);
    watch.end(Buffer.alloc(5));
    const [code] = await goaway(session);
    expect([code, watch.closed]).toEqual([0, false]);
  });
});

describe('W10: streams that watch health are bounded', () => {
  const watch = (client: Client) => client.makeServerStreamRequest(`${health}/Watch`, same, same, empty);
  const firstOf = (stream: ClientReadableStream<Buffer>) =>
    new Promise((resolve) => {
      stream.once('data', () => resolve('watches'));
      stream.on('error', (error: ServiceError) => resolve(error.details));
    });

  test('of one address; one that ends makes room', async () => {
    const client = grpcClient(await start({ MUSTER_MAX_HEALTH_WATCHES_PER_ADDRESS: '2' }));
    const [first] = [watch(client), watch(client)].map((stream) => ({ stream, seen: firstOf(stream) }));
    expect(await first?.seen).toBe('watches');
    expect(await firstOf(watch(client))).toMatch(/^ERROR_RATE_LIMITED: expected fewer streams/);
    first?.stream.cancel();
    // The server hears of the end only after the client has said it.
    await expect.poll(() => firstOf(watch(client))).toBe('watches');
  });

  test('of all together', async () => {
    const client = grpcClient(await start({ MUSTER_MAX_HEALTH_WATCHES: '1' }));
    expect(await firstOf(watch(client))).toBe('watches');
    expect(await firstOf(watch(client))).toMatch(/^ERROR_RATE_LIMITED/);
  });
});
