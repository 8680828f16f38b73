import { execFile, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { childEnv } from '@muster/db/testing';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';

const program = fileURLToPath(new URL('../../../deploy/healthcheck.mjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'muster-health-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The exit code of the image's health check, in the environment of a server that listens on a port. */
function check(port: number, env: Record<string, string> = {}): Promise<number | null> {
  const child = execFile(process.execPath, [program], { env: { ...childEnv(), PORT: String(port), ...env } });
  return once(child, 'close').then(([code]) => code);
}

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

const answer =
  (status: number): RequestListener =>
  (request, response) =>
    response.writeHead(request.url === '/ready' ? status : 404).end();

describe('the image’s health check', () => {
  test('is good while /ready is 200, wherever the server listens', async () => {
    const port = await listen(createServer(answer(200)));
    for (const env of [{}, { HOST: '127.0.0.1' }, { HOST: '0.0.0.0' }]) expect(await check(port, env)).toBe(0);
  });

  test('is bad while the server is not ready, and where nobody listens', async () => {
    const server = createServer(answer(503));
    const port = await listen(server);
    expect(await check(port)).toBe(1);
    server.close();
    await once(server, 'close');
    expect(await check(port)).toBe(1);
  });

  test('asks a server with TLS over TLS, whatever name its certificate has', async () => {
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
    const names = ['-subj', '/CN=muster.example', '-keyout', key, '-out', cert];
    execFileSync('openssl', ['req', '-x509', ...kind, ...names], { stdio: 'pipe' });
    const pair = { key: readFileSync(key), cert: readFileSync(cert) };
    const port = await listen(createTlsServer(pair, answer(200)));
    expect(await check(port, { MUSTER_TLS_CERT_FILE: cert })).toBe(0);
    expect(await check(port)).toBe(1);
  });
});
