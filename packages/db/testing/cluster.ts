import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { access, chown, mkdtemp, readdir, readFile, realpath, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { childEnv, processGuard } from './processGuard.ts';
import { hold } from './testWorker.ts';

const run = promisify(execFile);
const installed = '/usr/lib/postgresql';

/** A PostgreSQL server of the test's own, which it may stop and start as it likes. */
export interface TestCluster {
  readonly host: string;
  readonly port: number;
  readonly url: string;
  /** Runs one statement in a database of it, by default `postgres`, on a connection for that alone. */
  query<Row extends object>(statement: string, database?: string): Promise<Row[]>;
  /** Runs one of PostgreSQL's programs, as the user that the server runs as. */
  call(program: string, ...args: string[]): Promise<void>;
  /** `immediate` is a crash: sessions are cut off, and the start recovers from the log. */
  restart(mode: 'fast' | 'immediate'): Promise<void>;
  /** Ends it for good, as a power cut does. */
  kill(): Promise<void>;
  /** Starts another server that follows this one. */
  startStandby(): Promise<TestStandby>;
  remove(): Promise<void>;
}

/** A server that follows another one. */
export interface TestStandby extends TestCluster {
  /** Makes it a primary: it takes writes from now on. */
  promote(): Promise<void>;
}

/** The folder of PostgreSQL's programs: from PATH, or the newest where Debian puts them; undefined where there is none. */
export async function findPostgresPrograms(): Promise<string | undefined> {
  const versions = await readdir(installed).catch(() => []);
  const newestFirst = versions.sort((a, b) => Number(b) - Number(a));
  const folders = [
    ...(process.env.PATH ?? '').split(delimiter),
    ...newestFirst.map((version) => join(installed, version, 'bin')),
  ];
  for (const folder of folders) {
    if (await hasPrograms(folder)) return folder;
  }
  return undefined;
}

const needed = ['initdb', 'pg_ctl', 'pg_basebackup', 'pg_dump', 'pg_restore'];

async function hasPrograms(folder: string): Promise<boolean> {
  return Promise.all(needed.map((program) => access(join(folder, program)))).then(
    () => true,
    () => false,
  );
}

/** The parameters of a cluster. */
export interface ClusterOptions {
  /** Where its folder is made. */
  readonly parent?: string;
  /** Settings for its command line: `ssl=on`. */
  readonly settings?: readonly string[];
  /** Changes the files of the cluster before its first start. */
  prepare?(data: string): Promise<void>;
}

/** Makes an empty cluster in a temporary folder and starts it, on a free port of loopback. */
export function startCluster(programs: string, options: ClusterOptions = {}): Promise<TestCluster> {
  return start(programs, options, async (call, data) => {
    await call('initdb', '-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-sync');
    await options.prepare?.(data);
  });
}

type Call = TestCluster['call'];

async function start(
  programs: string,
  { parent = tmpdir(), settings = [] }: ClusterOptions,
  makeData: (call: Call, data: string) => Promise<void>,
): Promise<TestStandby> {
  const folder = await realpath(await mkdtemp(join(parent, 'muster-cluster-')));
  const data = join(folder, 'data');
  const user = await otherUser();
  if (user) await chown(folder, user.uid, user.gid);
  const env = { ...process.env, ...childEnv() };
  const call: Call = async (program, ...args) =>
    void (await run(join(programs, program), args, { ...user, env, cwd: folder }));
  const control = (...args: string[]) => call('pg_ctl', '-D', data, '-w', ...args);

  const host = '127.0.0.1';
  const port = await freePort(host);
  await makeData(call, data);
  // No socket file: the folder for it may not be this user's to write to.
  const options = `-c port=${port} -c listen_addresses=${host} -c unix_socket_directories= -c max_connections=60 ${settings.map((each) => `-c ${each}`).join(' ')}`;
  await control('-l', join(folder, 'log'), '-o', options, 'start');
  // SIGQUIT stops a server at once; its first process ends the others.
  const guard = async () =>
    processGuard().watch(parseInt(await readFile(join(data, 'postmaster.pid'), 'utf8'), 10), 'SIGQUIT');
  let unguard: (() => void) | null = await guard();
  const kill = async () => {
    if (unguard === null) return;
    await control('-m', 'immediate', 'stop');
    unguard();
    unguard = null;
  };
  const stop = async () => {
    await kill();
    await rm(folder, { recursive: true });
  };
  const released = hold(`a PostgreSQL in ${folder}`, stop);
  return {
    host,
    port,
    url: `postgresql://postgres@${host}:${port}/postgres`,
    call,
    query: async <Row extends object>(statement: string, database = 'postgres') => {
      const client = new Client({ host, port, user: 'postgres', database });
      await client.connect();
      try {
        return (await client.query<Row>(statement)).rows;
      } finally {
        await client.end();
      }
    },
    restart: async (mode) => {
      await control('-l', join(folder, 'log'), '-m', mode, 'restart');
      unguard?.();
      unguard = await guard();
    },
    kill,
    promote: () => control('promote'),
    startStandby: () =>
      start(programs, { parent, settings }, (copy, into) =>
        copy(
          'pg_basebackup',
          '-D',
          into,
          '-h',
          host,
          '-p',
          String(port),
          '-U',
          'postgres',
          '-R',
          '-c',
          'fast',
          '--no-sync',
        ),
      ),
    remove: async () => {
      released();
      await stop();
    },
  };
}

/** PostgreSQL refuses to run as root, and so does PgBouncer; where the tests do, they run as somebody else. */
export async function otherUser(): Promise<{ uid: number; gid: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of ['postgres', 'nobody']) {
    const ids = await Promise.all(['-u', '-g'].map((which) => run('id', [which, name]))).catch(() => undefined);
    const [uid, gid] = ids?.map(({ stdout }) => Number(stdout)) ?? [];
    if (uid !== undefined && gid !== undefined) return { uid, gid };
  }
  throw new Error('expected a user postgres or nobody to run PostgreSQL as');
}

/** A port of `host` that nobody has at present. */
export async function freePort(host: string): Promise<number> {
  const server = createServer().listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
