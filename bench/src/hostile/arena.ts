import { type StartProgram, startMusterServer } from '../musterServer.ts';
import { postmasterPid } from '../postgres.ts';
import { seedReports } from '../reports/seed.ts';
import type { Target } from './attack.ts';
import { type InnocentProcess, startInnocent } from './innocentProcess.ts';
import type { Monitored } from './monitor.ts';
import { adminToken, createReports, hostileDomain, innocentDomain, jwtSecret, readTenant } from './tenants.ts';
import type { Traced } from './traces.ts';

/** The size of an arena. */
export interface ArenaOptions {
  readonly databaseUrl: string;
  /** Number of supervisors of all tenants. */
  readonly supervisors: number;
  /** Number of plugins of each supervisor. */
  readonly plugins: number;
  /** Number of gets and of publishes a second of the innocent tenant. */
  readonly rate: number;
  /** Starts the server. Default: as a child process that ends with the bench. */
  readonly start?: StartProgram;
}

/** A server with several tenants, one of which works all the time. */
export interface Arena extends AsyncDisposable {
  readonly server: Traced & Pick<Monitored, 'postmaster'>;
  readonly target: Target;
  readonly innocent: InnocentProcess;
}

/** Seeds a database, and starts a server over it and the innocent tenant; disposing of the arena stops both. */
export async function openArena(options: ArenaOptions, signal: AbortSignal): Promise<Arena> {
  const { databaseUrl, supervisors, plugins, rate } = options;
  await using undo = new AsyncDisposableStack();
  await seedReports(databaseUrl, createReports(supervisors, plugins), signal);
  // The defaults are measured: an operator who sets nothing is protected.
  const { pid, url, grpcAddress, stop } = await startMusterServer(databaseUrl, signal, {
    settings: { MUSTER_JWT_SECRET: jwtSecret },
    ...(options.start ? { start: options.start } : {}),
  });
  undo.defer(stop);
  const { origin } = new URL(url);
  const tenant = await readTenant(origin, innocentDomain, plugins);
  const target: Target = { origin, grpcAddress, tenant: await readTenant(origin, hostileDomain, plugins) };
  const innocent = await startInnocent({ origin, tenant, rate }, signal);
  undo.defer(() => innocent.stop());
  const server = { pid, origin, databaseUrl, token: adminToken(), postmaster: await postmasterPid().catch(() => null) };
  const opened = undo.move();
  return { server, target, innocent, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}
