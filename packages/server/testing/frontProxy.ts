import { once } from 'node:events';
import { access, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { spawnGuarded } from '@muster/db/testing';

/** A real nginx or HAProxy before a server. */
export interface FrontProxy {
  /** Where it answers HTTP. */
  readonly url: string;
  /** Where it answers gRPC, if it does. */
  readonly grpcAddress: string;
  stop(): Promise<void>;
}

/** Where a server answers that a proxy is put before. */
interface Upstream {
  readonly url: string;
  readonly grpcAddress: string;
}

/** The path of a program that Debian has outside everybody's PATH, too; undefined where it isn't installed. */
export async function findProgram(name: string): Promise<string | undefined> {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];
  for (const folder of folders) {
    const path = join(folder, name);
    const isThere = await access(path).then(
      () => true,
      () => false,
    );
    if (isThere) return path;
  }
  return undefined;
}

/** A sample of deploy/proxies. */
export function readSample(name: string): Promise<string> {
  return readFile(fileURLToPath(new URL(`../../../deploy/proxies/${name}`, import.meta.url)), 'utf8');
}

/**
 * Starts nginx. @param sites as Debian includes it within `http`, with the ports of the samples: the proxy's (8080, 8081) and
 * the server's (4000, 50051) are replaced by real ones
 */
export async function startNginx(program: string, sites: string, upstream: Upstream): Promise<FrontProxy> {
  const folder = await mkdtemp(join(tmpdir(), 'muster-nginx-'));
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (of) => `${of}_temp_path ${folder}/${of};`,
  );
  // A worker of another user could not write into the folder.
  const user = process.getuid?.() === 0 ? 'user root;' : '';
  const wrap = (text: string) =>
    `${user} daemon off; worker_processes 1; pid ${folder}/pid; events { worker_connections 256; }
    http { access_log off; ${temporary.join(' ')}\n${text}\n}`;
  return start(folder, (file) => [program, ['-e', 'stderr', '-p', folder, '-c', file]], wrap, sites, upstream);
}

/** Starts HAProxy. @param configuration a whole one, with the ports of the samples, as `startNginx` takes them */
export async function startHaproxy(program: string, configuration: string, upstream: Upstream): Promise<FrontProxy> {
  const folder = await mkdtemp(join(tmpdir(), 'muster-haproxy-'));
  return start(
    folder,
    (file) => [program, ['-f', file]],
    (text) => text,
    configuration,
    upstream,
  );
}

async function start(
  folder: string,
  commandOf: (file: string) => readonly [program: string, args: readonly string[]],
  wrap: (text: string) => string,
  configuration: string,
  upstream: Upstream,
): Promise<FrontProxy> {
  const [httpPort, grpcPort] = await freePorts(2);
  const file = join(folder, 'proxy.conf');
  const text = configuration
    .replaceAll(/\b8080\b/g, `${httpPort}`)
    .replaceAll(/\b8081\b/g, `${grpcPort}`)
    .replaceAll(/\b4000\b/g, new URL(upstream.url).port)
    .replaceAll(/127\.0\.0\.1:50051\b/g, upstream.grpcAddress);
  await writeFile(file, wrap(text));
  const [program, args] = commandOf(file);
  const child = spawnGuarded(program, args, { env: { PATH: process.env.PATH }, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (said += data));
  const ended = once(child, 'close');
  let hasEnded = false;
  ended.then(() => {
    hasEnded = true;
  });
  while (!(await accepts(httpPort))) {
    if (hasEnded) throw new Error(`${program} ended: ${said}`);
    await delay(20);
  }
  return {
    url: `http://127.0.0.1:${httpPort}`,
    grpcAddress: `127.0.0.1:${grpcPort}`,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
      await rm(folder, { recursive: true });
    },
  };
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  return once(socket, 'connect')
    .then(
      () => true,
      () => false,
    )
    .finally(() => socket.destroy());
}

async function freePorts(count: number): Promise<[number, number]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  const ports = await Promise.all(
    servers.map(async (server) => {
      await once(server, 'listening');
      return (server.address() as AddressInfo).port;
    }),
  );
  for (const server of servers) server.close();
  return ports as [number, number];
}
