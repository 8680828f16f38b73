import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, open, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type SamplePlugin, samplePlugin, samplePluginsBelow } from './samplePlugins.ts';
import { folderPrefix } from './workshopFolder.ts';

/** A place on this machine for real agents, of which nothing stays when it is closed, or when this process ends. */
export interface Workshop {
  /** Makes an agent ready to start. */
  createAgent(options: WorkshopAgentOptions): Promise<WorkshopAgent>;
  /** Kills all that runs here, and removes its files. */
  close(): Promise<void>;
}

/** The supervisor that an agent is to be. */
interface WorkshopAgentOptions {
  readonly url: string;
  /** The agent's own credential, or a key that brings newcomers in; none for a server that runs open. */
  readonly credential: { readonly kind: 'token' | 'enrollmentKey'; readonly text: string } | undefined;
  /** Needed where the credential is for no single domain. */
  readonly domainId?: string;
  readonly hostname: string;
  /** The plugins whose program is the sample plugin, so that their releases need name none. */
  readonly pluginIds: readonly string[];
}

/** A real agent, with the process driver. */
export interface WorkshopAgent {
  readonly hostname: string;
  /** Starts its process, anew after an end; returns the process's id. */
  start(): Promise<number>;
  /** Kills its process, as a machine does that runs out of memory. Its plugins go on. */
  kill(): Promise<void>;
  /** The processes of its plugins, as the machine shows them. */
  plugins(): Promise<SamplePlugin[]>;
}

const agentProgram = fileURLToPath(new URL('../../main.ts', import.meta.url));
const guardProgram = fileURLToPath(new URL('guard.ts', import.meta.url));

/** Opens a workshop in a new folder. */
export async function openWorkshop(): Promise<Workshop> {
  const folder = await mkdtemp(join(tmpdir(), folderPrefix));
  // In another session, so that what ends this process spares it.
  const guard = spawn(process.execPath, [guardProgram, folder], {
    detached: true,
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  const guardEnded = once(guard, 'exit');
  return {
    createAgent: (options) => createAgent(folder, options),
    close: async () => {
      guard.stdin?.end();
      await guardEnded;
    },
  };
}

async function createAgent(folder: string, options: WorkshopAgentOptions): Promise<WorkshopAgent> {
  const { url, credential, domainId, hostname, pluginIds } = options;
  const stateFolder = join(folder, hostname);
  await mkdir(stateFolder);
  const credentialFile = join(folder, `${hostname}.key`);
  if (credential) await writeFile(credentialFile, credential.text, { mode: 0o600 });
  const config = {
    server: { url, ...(credential && { [`${credential.kind}File`]: credentialFile }) },
    supervisor: { domainId, name: hostname, hostname },
    stateFolder,
    driver: 'process',
    process: { executables: [samplePlugin] },
    plugins: Object.fromEntries(pluginIds.map((pluginId) => [pluginId, { executable: samplePlugin }])),
    advertise: { host: '127.0.0.1' },
    status: { port: 0 },
  };
  const configFile = join(folder, `${hostname}.yaml`);
  // JSON is YAML.
  await writeFile(configFile, JSON.stringify(config));
  let running: ChildProcess | undefined;
  return {
    hostname,
    start: async () => {
      // By its output the guard knows it.
      const log = await open(join(folder, `${hostname}.log`), 'a');
      running = spawn(process.execPath, [agentProgram, '--config', configFile], {
        detached: true,
        env: { PATH: process.env.PATH },
        stdio: ['ignore', log.fd, log.fd],
      });
      await once(running, 'spawn');
      await log.close();
      return running.pid ?? 0;
    },
    kill: async () => {
      if (running === undefined || running.exitCode !== null || running.signalCode !== null) return;
      const ended = once(running, 'exit');
      running.kill('SIGKILL');
      await ended;
    },
    plugins: () => samplePluginsBelow(stateFolder),
  };
}
