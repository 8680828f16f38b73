import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import { createApiKey, openCore, type Role, type Viewer } from '@muster/core';
import { openTestDatabase } from '@muster/db/testing';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { startTestServer, type TestServer } from '../testing/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'muster-tls-'));
const at = (name: string) => join(folder, name);
const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
const keyOf = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/** Makes a certificate and its key, signed by itself. */
function makeAuthority(name: string): void {
  openssl(
    'req',
    '-x509',
    ...keyOf,
    '-keyout',
    `${name}.key`,
    '-out',
    `${name}.crt`,
    '-days',
    '2',
    '-subj',
    `/CN=${name}`,
  );
}

/** Makes a certificate and its key, signed by an authority. */
function makeCertificate(name: string, authority: string, subject: string, extension: string | null): void {
  openssl('req', ...keyOf, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', subject);
  writeFileSync(at(`${name}.ext`), extension === null ? '' : `subjectAltName=${extension}\n`);
  const signer = ['-CA', `${authority}.crt`, '-CAkey', `${authority}.key`, '-CAcreateserial'];
  openssl(
    'x509',
    '-req',
    '-in',
    `${name}.csr`,
    ...signer,
    '-days',
    '2',
    '-out',
    `${name}.crt`,
    '-extfile',
    `${name}.ext`,
  );
}

const pem = (name: string) => readFileSync(at(name));
const pair = (name: string) => ({ cert: pem(`${name}.crt`), key: pem(`${name}.key`) });

const root: Viewer = { subject: 'root', role: 'ADMIN', domainId: null };
let server: TestServer;
const tokens = new Map<Role, string>();

beforeAll(async () => {
  for (const authority of ['ca', 'agents', 'strangers']) makeAuthority(authority);
  for (const name of ['server', 'server2']) makeCertificate(name, 'ca', `/CN=${name}`, 'IP:127.0.0.1,DNS:localhost');
  makeCertificate('edge-1', 'agents', '/CN=not this name', 'DNS:edge-1,DNS:edge-9');
  makeCertificate('edge-2', 'agents', '/O=a/CN=edge-2', null);
  makeCertificate('nameless', 'agents', '/CN=no host name', null);
  makeCertificate('edge-3', 'strangers', '/CN=edge-3', 'DNS:edge-1');
  const db = await openTestDatabase();
  const makers = await openCore(db, { sweeps: false });
  for (const role of ['SUPERVISOR', 'OPERATOR'] as const) {
    tokens.set(role, (await createApiKey(makers.core, root, { name: role, role, domainId: 'tls' })).token);
  }
  await makers.close();
  use('server');
  // The server looks at its files every few seconds, and here when a test says so.
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  server = await startTestServer({
    db,
    env: {
      MUSTER_TLS_CERT_FILE: at('used.crt'),
      MUSTER_TLS_KEY_FILE: at('used.key'),
      MUSTER_TLS_CLIENT_CA_FILE: at('agents.crt'),
    },
  });
});
afterAll(async () => {
  vi.useRealTimers();
  await server?.stop();
  rmSync(folder, { recursive: true });
});

/** Puts a certificate and its key where the server reads them. */
function use(name: string): void {
  for (const kind of ['crt', 'key']) writeFileSync(at(`used.${kind}`), pem(`${name}.${kind}`));
}

async function post(role: Role, query: string, options: ConnectionOptions = {}) {
  const headers = { authorization: `Bearer ${tokens.get(role)}`, 'content-type': 'application/json' };
  const asked = request(`${server.url}/graphql`, {
    method: 'POST',
    headers,
    ca: pem('ca.crt'),
    agent: false,
    ...options,
  });
  const answered = new Promise<string>((resolve, reject) => {
    asked.on('response', (response) => resolve(text(response))).on('error', reject);
  });
  asked.end(JSON.stringify({ query }));
  return JSON.parse(await answered) as { data?: unknown; errors?: { extensions: { code: string } }[] };
}

const codesOf = ({ errors = [] }: Awaited<ReturnType<typeof post>>) => errors.map(({ extensions }) => extensions.code);
const publish = (hostname: string) =>
  `mutation { publishSupervisor(input: {name: "a", hostname: "${hostname}"}) { supervisor { hostname } } }`;

/** Publishes over gRPC. Resolves with the details of the refusal; null for none. */
function publishByGrpc(hostname: string, certificate: string | null): Promise<string | null> {
  const own = certificate === null ? null : pair(certificate);
  const client = new Client(
    server.grpcAddress,
    credentials.createSsl(pem('ca.crt'), own?.key ?? null, own?.cert ?? null),
    { 'grpc.use_local_subchannel_pool': 1 },
  );
  onTestFinished(() => client.close());
  const metadata = new Metadata();
  metadata.set('token', tokens.get('SUPERVISOR') ?? '');
  const field = (number: number, value: string) =>
    Buffer.from([(number << 3) | 2, value.length, ...Buffer.from(value)]);
  const same = (bytes: Buffer) => bytes;
  const bytes = Buffer.concat([field(1, 'a'), field(2, hostname)]);
  return new Promise((resolve) => {
    const path = '/spaceone.api.plugin.v1.Supervisor/publish';
    client.makeUnaryRequest(path, same, same, bytes, metadata, (error: ServiceError | null) =>
      resolve(error?.details ?? null),
    );
  });
}

/** The name in the certificate that a front shows. */
function shownBy(address: string, protocols: string[]): Promise<string> {
  const { hostname, port } = new URL(address);
  return new Promise((resolve, reject) => {
    const options = { host: hostname, port: Number(port), ca: pem('ca.crt'), ALPNProtocols: protocols };
    const socket: TLSSocket = connect(options, () => {
      resolve(String(socket.getPeerCertificate().subject.CN));
      socket.destroy();
    });
    socket.on('error', reject);
  });
}
const shown = () => Promise.all([shownBy(server.url, ['http/1.1']), shownBy(`https://${server.grpcAddress}`, ['h2'])]);

describe('A7: an agent speaks for the host that its certificate names', () => {
  test.each([
    ['edge-1', 'edge-1'],
    ['edge-2', 'edge-2'],
  ])('the certificate %s: %s, over GraphQL and gRPC, and for no other host', async (certificate, hostname) => {
    const asAgent = (host: string) => post('SUPERVISOR', publish(host), pair(certificate));
    expect(await asAgent(hostname)).toEqual({ data: { publishSupervisor: { supervisor: { hostname } } } });
    expect(codesOf(await asAgent('another'))).toEqual(['FORBIDDEN']);
    expect(await publishByGrpc(hostname, certificate)).toBeNull();
    expect(await publishByGrpc('another', certificate)).toContain('FORBIDDEN');
  });

  test('without one its credential counts for nothing, while an operator needs none', async () => {
    expect(codesOf(await post('SUPERVISOR', publish('edge-1')))).toEqual(['UNAUTHENTICATED']);
    expect(await publishByGrpc('edge-1', null)).toContain('UNAUTHENTICATED');
    expect(await post('OPERATOR', '{ viewer { role } }')).toEqual({ data: { viewer: { role: 'OPERATOR' } } });
  });

  test.each(['edge-3', 'nameless'])(
    'the certificate %s, of another authority or without a name, ends the connection',
    async (certificate) => {
      await expect(post('OPERATOR', '{ viewer { role } }', pair(certificate))).rejects.toThrow();
      expect(await publishByGrpc('edge-1', certificate)).not.toBeNull();
    },
  );

  test('over a WebSocket too', async () => {
    const open = async (options: object) => {
      const socket = new WebSocket(`${server.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', {
        ca: pem('ca.crt'),
        ...options,
      });
      onTestFinished(() => socket.terminate());
      socket.on('open', () => {
        const payload = { authorization: `Bearer ${tokens.get('SUPERVISOR')}` };
        socket.send(JSON.stringify({ type: 'connection_init', payload }));
      });
      return new Promise((resolve, reject) => {
        socket.on('message', (message) => resolve(JSON.parse(String(message)).type));
        socket.on('close', resolve).on('error', reject);
      });
    };
    expect([await open(pair('edge-1')), await open({})]).toEqual(['connection_ack', 4403]);
  });
});

test('O14: a certificate that is replaced is used by both fronts, and one that does not fit its key is not', async () => {
  expect(await shown()).toEqual(['server', 'server']);
  writeFileSync(at('used.crt'), pem('server2.crt'));
  const refusals = () => server.logged.filter(({ msg }) => msg.startsWith('the certificate could not be read'));
  for (let times = 0; times < 2; times++) vi.advanceTimersByTime(5_000);
  await expect.poll(refusals).toHaveLength(1);
  expect(await shown()).toEqual(['server', 'server']);
  use('server2');
  vi.advanceTimersByTime(5_000);
  await expect.poll(shown).toEqual(['server2', 'server2']);
});

test('A5: a server whose agents show certificates is not open, though it has no key yet', async () => {
  const env = {
    MUSTER_TLS_CERT_FILE: at('server.crt'),
    MUSTER_TLS_KEY_FILE: at('server.key'),
    MUSTER_TLS_CLIENT_CA_FILE: at('agents.crt'),
  };
  const keyless = await startTestServer({ env });
  onTestFinished(() => keyless.stop());
  const asked = request(`${keyless.url}/graphql?query={viewer{role}}`, { ca: pem('ca.crt'), agent: false }).end();
  const status = await new Promise((resolve) => asked.on('response', (response) => resolve(response.statusCode)));
  expect(status).toBe(401);
});

test.each<[string, Record<string, string>]>([
  ['MUSTER_TLS_KEY_FILE: expected a file, since MUSTER_TLS_CERT_FILE is set', { MUSTER_TLS_CERT_FILE: 'server.crt' }],
  [
    'MUSTER_TLS_CERT_FILE: expected a file, since MUSTER_TLS_CLIENT_CA_FILE is set',
    { MUSTER_TLS_CLIENT_CA_FILE: 'ca.crt' },
  ],
  [
    'MUSTER_TLS_CERT_FILE: expected a file that can be read; got ENOENT',
    { MUSTER_TLS_CERT_FILE: 'none', MUSTER_TLS_KEY_FILE: 'server.key' },
  ],
  [
    'MUSTER_TLS_CERT_FILE: expected a certificate in PEM',
    { MUSTER_TLS_CERT_FILE: 'server.crt', MUSTER_TLS_KEY_FILE: 'server2.key' },
  ],
])('a server does not start: %s', async (message, files) => {
  const env = Object.fromEntries(Object.entries(files).map(([name, file]) => [name, at(file)]));
  await expect(startTestServer({ env })).rejects.toThrow(message);
});
