import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { parseConfig } from '../src/config/readConfig.ts';
import type { CheckHealth } from '../src/health/checkHealth.ts';
import { type RunningAgent, runAgent } from '../src/runAgent.ts';
import type { MemoryEngine } from './memoryEngine.ts';

/** A folder for an agent's state, removed by `remove`. */
export function stateFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'muster-agent-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** Starts an agent in this process, over an engine in memory. It tries again at once whatever fails. */
export function startAgent(options: {
  readonly engine: MemoryEngine;
  readonly url: string;
  readonly folder: string;
  readonly hostname?: string;
  /** Lines of agent.yaml under `server`, such as a file with a key. */
  readonly server?: string;
  readonly domainId?: string;
  readonly check?: CheckHealth;
}): Promise<RunningAgent> {
  const { engine, url, folder, hostname = 'host-1', server = '', domainId = 'acme' } = options;
  const config = parseConfig(
    `server: { url: ${url}${server} }
supervisor: { domainId: ${domainId}, hostname: ${hostname} }
stateFolder: ${folder}
driver: docker
images: { template: 'r.example/{pluginId}:{version}' }
advertise: { host: 10.0.0.1 }
status: { port: 0 }`,
  );
  const check: CheckHealth = async ({ id }) => (engine.things.get(id)?.isHealthy ? null : 'it does not serve');
  return runAgent(config, {
    log: pino({ level: 'silent' }),
    openDriver: async (_config, owner) => engine.open(owner),
    check: options.check ?? check,
    random: () => 0,
  });
}
