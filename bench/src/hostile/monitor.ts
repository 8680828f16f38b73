import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'undici';
import { cpuSeconds, familyCpuSeconds, residentBytes } from '../procfs.ts';

/** The figures of a server during a phase. */
export interface ServerFigures {
  /** The largest resident memory. */
  readonly peakBytes: number;
  /** CPU time a second of the server. */
  readonly serverCpu: number;
  /** CPU time a second of PostgreSQL; NaN where PostgreSQL runs elsewhere. */
  readonly databaseCpu: number;
  /** Number of times that /ready was asked. */
  readonly readyAsked: number;
  /** Number of times that /ready did not answer true within `readyWithinMs`. */
  readonly notReady: number;
}

/** A monitor that looks at a server until it is stopped. */
export interface Monitor {
  /** Stops, and returns the figures; a second call returns the same figures. */
  stop(): Promise<ServerFigures>;
}

/** The processes to look at, and the origin of /ready. */
export interface Monitored {
  readonly pid: number;
  /** PostgreSQL's first process; null where PostgreSQL runs elsewhere. */
  readonly postmaster: number | null;
  readonly origin: string;
  /** The time within which /ready must answer. */
  readonly readyWithinMs: number;
}

const lookEveryMs = 100;

/** Begins to look at a server. */
export async function startMonitor({ pid, postmaster, origin, readyWithinMs }: Monitored): Promise<Monitor> {
  const pool = new Pool(origin, { connections: 1 });
  const begin = performance.now();
  const readCpu = () => Promise.all([cpuSeconds(pid), postmaster === null ? Number.NaN : familyCpuSeconds(postmaster)]);
  const [serverBefore, databaseBefore] = await readCpu();
  let peakBytes = 0;
  let readyAsked = 0;
  let notReady = 0;
  let stopped = false;

  async function askReady(): Promise<boolean> {
    const { statusCode, body } = await pool.request({
      method: 'GET',
      path: '/ready',
      signal: AbortSignal.timeout(readyWithinMs),
    });
    await body.dump();
    return statusCode === 200;
  }

  async function look(): Promise<void> {
    while (!stopped) {
      peakBytes = Math.max(peakBytes, await residentBytes(pid));
      const ready = await askReady().catch(() => false);
      readyAsked += 1;
      if (!ready) notReady += 1;
      await sleep(lookEveryMs);
    }
  }

  async function end(): Promise<ServerFigures> {
    stopped = true;
    await looking;
    await pool.close();
    const seconds = (performance.now() - begin) / 1_000;
    const [serverAfter, databaseAfter] = await readCpu();
    return {
      peakBytes,
      serverCpu: (serverAfter - serverBefore) / seconds,
      databaseCpu: (databaseAfter - databaseBefore) / seconds,
      readyAsked,
      notReady,
    };
  }

  const looking = look();
  // A server that ends while it is looked at is reported when the figures are read.
  looking.catch(() => {});
  let ended: Promise<ServerFigures> | undefined;
  return {
    stop: () => {
      ended ??= end();
      return ended;
    },
  };
}
