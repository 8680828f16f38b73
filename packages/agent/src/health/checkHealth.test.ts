import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { Server as GrpcServer, ServerCredentials } from '@grpc/grpc-js';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Observed } from '../driver/observed.ts';
import type { HealthSpec } from '../driver/runSpec.ts';
import { checkHealth } from './checkHealth.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

function thingAt(port: number): Observed {
  const identity = {
    owner: 'o',
    domainId: 'd',
    pluginId: 'p',
    version: '1',
    generation: 1,
    specHash: 'h',
    agentVersion: '0',
  };
  const ports = [{ name: 'main', host: '127.0.0.1', port, advertisedHost: null }];
  return { id: '1', identity, status: 'RUNNING', startedAtMs: 1, exitCode: null, reason: null, ports };
}
const health = (kind: HealthSpec['kind'], more: Partial<HealthSpec> = {}): HealthSpec => ({
  kind,
  port: null,
  path: null,
  service: null,
  intervalSeconds: 5,
  ...more,
});

afterEach(() => vi.unstubAllEnvs());

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => server.close());
  return (server.address() as AddressInfo).port;
}

/** A server of `grpc.health.v1` that answers with this status; null: it has no such service. */
async function grpcServer(statusOf: ((service: string) => number) | null): Promise<number> {
  const server = new GrpcServer();
  if (statusOf) {
    const path = '/grpc.health.v1.Health/Check';
    // The length before the text takes a second byte from 128 on.
    const deserialize = (bytes: Buffer) => bytes.subarray((bytes[1] ?? 0) < 128 ? 2 : 3).toString();
    const serialize = (status: number) => Buffer.of(0x08, status);
    server.addService(
      {
        check: {
          path,
          requestStream: false,
          responseStream: false,
          requestSerialize: () => Buffer.alloc(0),
          requestDeserialize: deserialize,
          responseSerialize: serialize,
          responseDeserialize: () => 0,
        },
      },
      {
        check: (call: { request: string }, done: (error: null, status: number) => void) =>
          done(null, statusOf(call.request)),
      },
    );
  }
  closers.push(() => server.forceShutdown());
  return new Promise((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) =>
      error ? reject(error) : resolve(port),
    );
  });
}

describe('health (G3)', () => {
  it('by gRPC is what grpc.health.v1 says, of the service that is asked for', async () => {
    const port = await grpcServer((service) => (service === 'asleep' ? 2 : 1));
    expect(await checkHealth(thingAt(port), health('GRPC'))).toBeNull();
    expect(await checkHealth(thingAt(port), health('GRPC', { service: 'asleep' }))).toBe(
      'grpc.health.v1 says NOT_SERVING',
    );
  });

  it('by gRPC asks for a service of the longest name that a release may have', async () => {
    const service = `a.${'b'.repeat(253)}`;
    const port = await grpcServer((asked) => (asked === service ? 1 : 3));
    expect(await checkHealth(thingAt(port), health('GRPC', { service }))).toBeNull();
  });

  it('by gRPC asks the plugin itself, whatever proxy the agent reaches the server by', async () => {
    const nobody = createServer();
    const proxy = `http://127.0.0.1:${await listen(nobody)}`;
    nobody.close();
    for (const name of ['grpc_proxy', 'https_proxy', 'http_proxy']) vi.stubEnv(name, proxy);
    for (const name of ['no_grpc_proxy', 'no_proxy']) vi.stubEnv(name, '');
    const port = await grpcServer(() => 1);
    expect(await checkHealth(thingAt(port), health('GRPC'))).toBeNull();
  });

  it('by gRPC is a connection where the server has no such service', async () => {
    const port = await grpcServer(null);
    expect(await checkHealth(thingAt(port), health('GRPC'))).toBeNull();
  });

  it('by TCP is a connection', async () => {
    const server = createServer();
    const port = await listen(server);
    expect(await checkHealth(thingAt(port), health('TCP'))).toBeNull();
    server.close();
    const refused = `no connection to port ${port}: ECONNREFUSED`;
    await expect.poll(() => checkHealth(thingAt(port), health('TCP'))).toBe(refused);
  });

  it('by HTTP is a status below 400 of the path', async () => {
    const port = await listen(
      createHttpServer((request, response) => response.writeHead(request.url === '/up' ? 204 : 503).end()),
    );
    expect(await checkHealth(thingAt(port), health('HTTP', { path: '/up' }))).toBeNull();
    expect(await checkHealth(thingAt(port), health('HTTP'))).toBe('HTTP 503 of /');
  });

  it('of the kind NONE is that it runs, and of a port that the engine does not show, that it lacks', async () => {
    expect(await checkHealth(thingAt(1), health('NONE'))).toBeNull();
    expect(await checkHealth(thingAt(1), health('TCP', { port: 'web' }))).toBe(
      'expected the port web; the engine shows none yet',
    );
  });

  it('says so in words where nothing answers by gRPC', async () => {
    const port = await listen(createServer());
    closers.splice(0).forEach((close) => void close());
    await expect
      .poll(() => checkHealth(thingAt(port), health('GRPC')))
      .toMatch(/^no answer of grpc.health.v1 at port \d+: .*ECONNREFUSED/);
  });
});
