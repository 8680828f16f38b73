import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { spawnGuarded } from '@muster/db/testing';

const run = promisify(execFile);

/** A container engine of the test's own. */
export interface Docker {
  /** Runs Docker's command line; its output without the last line end. Rejects with its errors in `stderr`. */
  docker(...words: string[]): Promise<string>;
  /** All that a container has written, errors included. */
  logs(name: string): Promise<string>;
  /** Ends it with all its containers, and removes what it has stored. */
  stop(): Promise<void>;
}

const programs = ['dockerd', 'docker', 'unshare', 'apt-get', 'dpkg-deb', 'haproxy'];

/** Why no image can be made and run here; null where it can. */
export async function whyNoDocker(): Promise<string | null> {
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

/**
 * Starts dockerd in a namespace of processes, so that its containers end with it, however the test ends. It makes no
 * networks: containers share this machine's.
 *
 * @returns the reason where it does not start: it needs rights that a container of CI may lack
 */
export async function startDocker(): Promise<Docker | string> {
  const folder = await mkdtemp(join(tmpdir(), 'docker-'));
  const socket = `unix://${join(folder, 'socket')}`;
  const places = ['data-root', 'exec-root', 'pidfile'].map((name) => `--${name}=${join(folder, name)}`);
  const quiet = ['--iptables=false', '--ip6tables=false', '--bridge=none', '--storage-driver=vfs'];
  const namespace = ['--pid', '--fork', '--kill-child', '--mount-proc'];
  const child = spawnGuarded('unshare', [...namespace, 'dockerd', `--host=${socket}`, ...places, ...quiet], {
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
    await rm(folder, { recursive: true, force: true });
  };
  if ((await Promise.race([listening, ended])) !== true) {
    await stop();
    return `dockerd does not start: ${log.trim().split('\n').at(-1)}`;
  }
  const env = { PATH: process.env.PATH, HOME: folder, DOCKER_HOST: socket };
  const call = (...words: string[]) => run('docker', words, { env, maxBuffer: 1e8 });
  return {
    docker: async (...words) => (await call(...words)).stdout.trimEnd(),
    logs: async (name) => {
      const { stdout, stderr } = await call('logs', name);
      return stdout + stderr;
    },
    stop,
  };
}
