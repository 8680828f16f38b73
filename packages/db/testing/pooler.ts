import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort, otherUser } from './cluster.ts';
import { spawnGuarded } from './processGuard.ts';

/** A PgBouncer before a server. */
export interface TestPooler {
  readonly host: string;
  readonly port: number;
  stop(): Promise<void>;
}

export interface PoolerOptions {
  readonly server: { readonly host: string; readonly port: number };
  readonly mode: 'session' | 'transaction' | 'statement';
  /** How many connections each database has at most. */
  readonly poolSize: number;
}

/** Whether there is a PgBouncer here, where Debian puts it or on PATH. */
export async function hasPooler(): Promise<boolean> {
  return promisify(execFile)('pgbouncer', ['--version'], { env: poolerEnv() }).then(
    () => true,
    () => false,
  );
}

const poolerEnv = () => ({ PATH: `${process.env.PATH}:/usr/sbin` });

/** Starts a PgBouncer on a free port of loopback. It asks no client for a password; behind it, all are the role postgres. */
export async function startPooler({ server, mode, poolSize }: PoolerOptions): Promise<TestPooler> {
  const folder = await mkdtemp(join(tmpdir(), 'muster-pooler-'));
  const host = '127.0.0.1';
  const port = await freePort(host);
  const user = await otherUser();
  const ini = join(folder, 'pgbouncer.ini');
  await writeFile(
    ini,
    `[databases]
* = host=${server.host} port=${server.port} user=postgres
[pgbouncer]
listen_addr = ${host}
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = ${mode}
default_pool_size = ${poolSize}
max_client_conn = 500
`,
  );
  if (user) await Promise.all([chown(folder, user.uid, user.gid), chown(ini, user.uid, user.gid)]);
  const child = spawnGuarded('pgbouncer', [ini], { ...user, env: poolerEnv(), stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.resume();
  child.stderr.resume();
  const ended = once(child, 'exit');
  while (!(await accepts(host, port))) {
    if (child.exitCode !== null) throw new Error(`PgBouncer ended with ${child.exitCode}`);
    await delay(20);
  }
  return {
    host,
    port,
    stop: async () => {
      child.kill('SIGKILL');
      await ended;
      await rm(folder, { recursive: true });
    },
  };
}

async function accepts(host: string, port: number): Promise<boolean> {
  const socket = connect(port, host);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
