import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdir, mkdtemp, readdir, rm, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { spawnGuarded } from '@muster/db/testing';

const run = promisify(execFile);

/** A container engine of the test's own. */
export interface Docker {
  /** The socket of its API. */
  readonly socketPath: string;
  /** Runs Docker's command line; its output without the last line end. Rejects with its errors in `stderr`. */
  docker(...words: string[]): Promise<string>;
  /** All that a container has written, errors included. */
  logs(name: string): Promise<string>;
  /** Ends it with all its containers, and removes what it has stored. */
  stop(): Promise<void>;
}

const programsOfEngine = ['dockerd', 'unshare', 'mount'];
const programsOfImages = ['docker', 'apt-get', 'dpkg-deb', 'haproxy'];

/** Why no image can be made and run here; null where it can. */
export async function whyNoDocker(): Promise<string | null> {
  return whyNoEngine([...programsOfEngine, ...programsOfImages]);
}

/** Why no engine can be started here; null where it can. @param programs those that must be installed */
export async function whyNoEngine(programs: readonly string[] = programsOfEngine): Promise<string | null> {
  if (process.getuid?.() !== 0) return 'the tests run as another user than root';
  for (const program of programs) {
    if (!(await isInstalled(program))) return `${program} is not installed`;
  }
  return null;
}

async function isInstalled(program: string): Promise<boolean> {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const found = await Promise.allSettled(folders.map((folder) => access(join(folder, program))));
  return found.some(({ status }) => status === 'fulfilled');
}

/** Folders that dockerd and containerd write to, whatever their options say. */
const fixedFolders = ['/run', '/etc/docker', '/opt/containerd'];

/** Covers them, and then runs the command that follows. */
const cover = `for folder in ${fixedFolders.join(' ')}; do mount -t tmpfs none "$folder" || exit 1; done; exec "$@"`;

/**
 * Starts dockerd in a namespace of processes, so that its containers end with it, however the test ends, and in one of
 * mounts, so that it leaves nothing behind on this machine.
 *
 * @param network HOST: containers share this machine's network. BRIDGE: they have one that this machine doesn't see
 * @returns the reason where it does not start: it needs rights that a container of CI may lack
 */
export async function startDocker(network: 'HOST' | 'BRIDGE' = 'HOST'): Promise<Docker | string> {
  const folder = await mkdtemp(join(tmpdir(), 'docker-'));
  const socketPath = join(folder, 'socket');
  const cgroup = `muster-${basename(folder)}`;
  const places = ['data-root', 'exec-root', 'pidfile'].map((name) => `--${name}=${join(folder, name)}`);
  const quiet = ['--iptables=false', '--ip6tables=false', '--storage-driver=vfs', `--cgroup-parent=/${cgroup}`];
  const bridge = network === 'HOST' ? ['--bridge=none'] : [];
  const namespaces = ['--pid', '--fork', '--kill-child', '--mount-proc', ...(network === 'HOST' ? [] : ['--net'])];
  const dockerd = ['dockerd', `--host=unix://${socketPath}`, ...places, ...quiet, ...bridge];
  const made = await Promise.all(fixedFolders.map((path) => mkdir(path, { recursive: true })));
  const child = spawnGuarded('unshare', [...namespaces, 'sh', '-c', cover, 'sh', ...dockerd], {
    env: { PATH: process.env.PATH },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  child.stdout.resume();
  const listening = new Promise<true>((resolve) => {
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      log += text;
      if (log.includes('API listen on')) resolve(true);
    });
  });
  const ended = once(child, 'close');
  const stop = async () => {
    child.kill('SIGKILL');
    await ended;
    await removeCgroups(cgroup);
    for (const path of made) if (path !== undefined) await rmdir(path).catch(() => {});
    await rm(folder, { recursive: true, force: true });
  };
  if ((await Promise.race([listening, ended])) !== true) {
    await stop();
    return `dockerd does not start: ${log.trim().split('\n').at(-1)}`;
  }
  const env = { PATH: process.env.PATH, HOME: folder, DOCKER_HOST: `unix://${socketPath}` };
  const call = (...words: string[]) => run('docker', words, { env, maxBuffer: 1e8 });
  return {
    socketPath,
    docker: async (...words) => (await call(...words)).stdout.trimEnd(),
    logs: async (name) => {
      const { stdout, stderr } = await call('logs', name);
      return stdout + stderr;
    },
    stop,
  };
}

/** Removes a group of each hierarchy, with the groups of the containers that were in it, which have been killed. */
async function removeCgroups(name: string): Promise<void> {
  const root = '/sys/fs/cgroup';
  for (const hierarchy of ['', ...(await readdir(root))]) {
    const group = join(root, hierarchy, name);
    for (const child of await readdir(group).catch(() => [])) await removeCgroup(join(group, child));
    await removeCgroup(group);
  }
}

/** Removes one; the last process that was in it may not be quite gone yet. */
async function removeCgroup(group: string): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    try {
      return await rmdir(group);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EBUSY')) return;
      await sleep(50);
    }
  }
}
