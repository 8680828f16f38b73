import { expect } from 'vitest';
import type { Docker } from './docker.ts';

/** How the image is to be run: with nothing to write to but the volume, no rights, and a bound on memory. */
const hardened = ['--read-only', '--cap-drop=ALL', '--security-opt=no-new-privileges', '--network=host'];

/** How a container is run. */
export interface ContainerOptions {
  readonly name: string;
  /** `512m`: the most memory that it may have. */
  readonly memory: string;
  readonly env: Readonly<Record<string, string | number>>;
  /** Folders and files of the machine by their places in the container. */
  readonly volumes?: Readonly<Record<string, string>>;
}

/** A container of Muster's image. */
export interface Container {
  readonly url: string;
  /** Resolves once it answers that it is ready. Fails if it has ended. */
  ready(): Promise<void>;
  /** Ends by SIGTERM to its first process; the exit code. */
  stop(): Promise<number>;
  /** Starts it anew once it has ended. */
  start(): Promise<void>;
  /** The exit code once it has ended by itself. */
  ended(): Promise<number>;
  /** All that it has written, errors included. */
  logs(): Promise<string>;
  state(): Promise<{ Status: string; ExitCode: number; OOMKilled: boolean; Health: { Status: string } }>;
}

/** Starts a container of the image; `env.PORT` is where it listens. */
export async function startContainer(
  { docker, logs: logsOf }: Docker,
  image: string,
  { name, memory, env, volumes = {} }: ContainerOptions,
): Promise<Container> {
  const variables = Object.entries(env).map(([key, value]) => `--env=${key}=${value}`);
  const mounts = Object.entries(volumes).map(([place, source]) => `--volume=${source}:${place}`);
  await docker('run', '--detach', `--name=${name}`, ...hardened, `--memory=${memory}`, ...variables, ...mounts, image);
  const url = `http://127.0.0.1:${env.PORT}`;
  const state = async () => JSON.parse(await docker('inspect', '--format={{json .State}}', name));
  const logs = () => logsOf(name);
  return {
    url,
    state,
    logs,
    ready: async () => {
      const answer = async () => {
        const { Status } = await state();
        if (Status !== 'running') throw new Error(`${name} ended: ${JSON.stringify(await state())} ${await logs()}`);
        return (await fetch(`${url}/ready`).catch(() => undefined))?.status;
      };
      await expect.poll(answer, { interval: 100 }).toBe(200);
    },
    stop: async () => {
      await docker('stop', '--time=15', name);
      return (await state()).ExitCode;
    },
    start: async () => void (await docker('start', name)),
    ended: async () => Number(await docker('wait', name)),
  };
}
