import { hostname as systemHostname, totalmem } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import packageJson from '../package.json' with { type: 'json' };
import type { AgentConfig } from './config/agentConfig.ts';
import type { Driver } from './driver/driver.ts';
import { openDriver } from './driver/openDriver.ts';
import { steadyOwner } from './driver/steadyOwner.ts';
import { type CheckHealth, checkHealth } from './health/checkHealth.ts';
import { type ControlParts, openControlSocket } from './local/controlSocket.ts';
import { createMetrics } from './local/metrics.ts';
import { openStatusServer } from './local/statusServer.ts';
import { Supervision } from './loop/supervision.ts';
import { connectServer, type ServerConnection } from './server/connectServer.ts';
import { resolveSpec } from './spec/resolveSpec.ts';
import { makeStateFolder, openStateFile } from './state/stateFile.ts';

/** A running agent. */
export interface RunningAgent {
  /** The port of `/status` and `/metrics`. */
  readonly statusPort: number;
  /** Publishes once, stops no plugin, and frees what the agent holds (G8). Ends within 5 s. */
  close(): Promise<void>;
}

/** Parts that a test puts in place of the usual ones. */
export interface AgentParts {
  readonly log: Logger;
  readonly openDriver?: (config: AgentConfig, owner: string) => Promise<Driver>;
  readonly check?: CheckHealth;
  readonly random?: () => number;
}

/** G8: how long the last publish may take. */
const lastPublishMs = 3_000;
/** How long the first report waits for the engine, so that it is true (G7). */
const firstLookMs = 5_000;
/** The loop looks each 30 s; after three of them it counts as stuck. */
const liveWithinMs = 90_000;

/**
 * Runs an agent: adopts what runs, and then follows the server.
 *
 * @throws ConfigError or DriverError if it can't run as it is configured
 */
export async function runAgent(config: AgentConfig, parts: AgentParts): Promise<RunningAgent> {
  const { log, random = Math.random, check = checkHealth } = parts;
  const hostname = config.supervisor.hostname ?? systemHostname();
  const agentVersion = packageJson.version;
  const hostMemoryMib = Math.floor(totalmem() / 2 ** 20);
  await using undo = new AsyncDisposableStack();
  makeStateFolder(config.stateFolder);
  const control = await openControlSocket(config.stateFolder);
  undo.defer(() => control.close());
  const stateFile = await openStateFile(config.stateFolder, config.owner ?? ownerOf(config, hostname));
  undo.defer(() => stateFile.close());
  const { owner } = stateFile.state;
  const metrics = createMetrics();
  const driver = await (parts.openDriver ?? openDriver)(config, owner);
  undo.defer(() => driver.close());

  const supervision = new Supervision({
    driver,
    stateFile,
    resolve: (wish) => {
      const hashKey = driver.hashKey?.() ?? stateFile.state.hashKey;
      return resolveSpec(wish, { config, owner, agentVersion, hashKey, hostMemoryMib });
    },
    check,
    advertisedHost: config.advertise.host ?? process.env.POD_IP ?? hostname,
    keepUnusedImagesMs: config.images.keepUnusedHours * 60 * 60_000,
    onReport: () => server.publishSoon(),
    observer: {
      restarted: metrics.restarted,
      pulled: metrics.pulled,
      log: (level, message, fields = {}) => log[level](fields, message),
    },
    random,
  });
  const server = connectServer({
    config,
    hostname,
    agentVersion,
    reports: () => supervision.reports(),
    wishes: () => supervision.wishes,
    setWishes: (wishes) => supervision.setWishes(wishes),
    published: metrics.published,
    log: (level, message, fields = {}) => log[level](fields, message),
    random,
  });
  metrics.watch({
    pluginStates: () => supervision.reports()?.map(({ state }) => state) ?? [],
    publishedAtMs: () => server.link().publishedAtMs,
    listedAtMs: () => server.listedAtMs(),
    isDriverUp: () => supervision.isEngineUp,
  });
  control.serve(controlOf(driver, supervision));
  const status = await openStatusServer(
    {
      status: () => statusOf(supervision, server, { agentVersion, driver: driver.kind, owner, hostname }),
      metrics: () => metrics.text(),
      metricsType: metrics.contentType,
      isReady: () => supervision.isEngineUp,
      isLive: () => Date.now() - supervision.lastLookMs < liveWithinMs,
    },
    config.status,
  );
  undo.defer(() => status.close());
  supervision.start();
  undo.defer(() => supervision.close());
  // Before the loop ends: the last report has all that it knows.
  undo.defer(() => server.close(AbortSignal.timeout(lastPublishMs)));
  log.info({ hostname, driver: driver.kind, owner, status: status.port }, 'the agent runs');
  await Promise.race([supervision.firstLook, sleep(firstLookMs)]);
  server.publishSoon();
  const running = undo.move();
  return { statusPort: status.port, close: () => running.disposeAsync() };
}

/** A pod's folder goes with it, so what runs is found again by what stays. */
function ownerOf({ driver, supervisor }: AgentConfig, hostname: string): string | undefined {
  return driver === 'kubernetes' ? steadyOwner(supervisor.domainId, hostname) : undefined;
}

function controlOf(driver: Driver, supervision: Supervision): ControlParts {
  return {
    logs: ({ pluginId, version, tail, follow }, signal) => {
      const found = supervision.things
        .filter(({ identity }) => identity.pluginId === pluginId && (version === null || identity.version === version))
        .sort((a, b) => (b.startedAtMs ?? 0) - (a.startedAtMs ?? 0));
      const thing = found.find(({ status }) => status === 'RUNNING') ?? found[0];
      return thing && driver.logs(thing.id, { tail, follow, signal });
    },
    drain: async (signal) => {
      supervision.drain();
      while (supervision.things.length > 0) await sleep(100, undefined, { signal });
    },
  };
}

function statusOf(supervision: Supervision, server: ServerConnection, agent: Record<string, string>): unknown {
  const time = (atMs: number | null) => (atMs === null ? null : new Date(atMs).toISOString());
  const link = server.link();
  return {
    agent,
    server: {
      state: link.state,
      since: time(link.sinceMs),
      error: link.error,
      supervisor: link.supervisor,
      publishedAt: time(link.publishedAtMs),
      assignmentsAt: time(server.listedAtMs()),
      removalsHeldSince: time(server.heldSinceMs()),
    },
    engine: { isUp: supervision.isEngineUp, listedAt: time(supervision.listedAtMs) },
    plugins: supervision.reports(),
  };
}
