import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'undici';
import { createLatencies } from '../load/latencies.ts';
import type { LoadOrder, LoadResult } from '../load/loadProtocol.ts';
import { post } from '../load/post.ts';
import { createReporters } from '../load/reporters.ts';
import { takeOrders } from '../load/takeOrders.ts';
import { isTaken } from '../reports/format.ts';
import { createSchedule } from './schedule.ts';

/** The argument that this process is started with. */
export interface AgentsSettings {
  readonly url: string;
  readonly agents: number;
  readonly plugins: number;
  readonly intervalMs: number;
  readonly connections: number;
}

/**
 * The process with the agents. Its load is open: each agent publishes at its scheduled time, whatever happened to
 * earlier reports, so that a slow server gets no pause, and every wait counts from the scheduled time.
 */
const settings: AgentsSettings = JSON.parse(process.argv[2] ?? '{}');
const { origin, pathname } = new URL(settings.url);
const reporters = createReporters('graphql', settings.agents, settings.plugins);
const schedule = createSchedule(settings.agents, settings.intervalMs, Math.random);
const pool = new Pool(origin, { connections: settings.connections, pipelining: 1 });
/** The shortest period of Node's timers. */
const tickMs = 1;

async function run({ changedShare, ms }: LoadOrder): Promise<LoadResult> {
  const latencies = createLatencies();
  const underWay = new Set<Promise<void>>();
  let requests = 0;
  let errors = 0;
  let firstError: string | undefined;
  const begin = performance.now();

  async function publish(turn: number): Promise<void> {
    const body = reporters.next(schedule.agentOf(turn), Math.random() < changedShare);
    try {
      const { status, text } = await post(pool, pathname, body);
      if (!isTaken(status, text)) throw new Error(`got ${status} ${text.slice(0, 500)}`);
      requests += 1;
    } catch (error) {
      errors += 1;
      firstError ??= error instanceof Error ? error.message : String(error);
    }
    latencies.add(performance.now() - begin - schedule.dueMs(turn));
  }

  for (let turn = 0; schedule.dueMs(turn) < ms; ) {
    const now = performance.now() - begin;
    for (; schedule.dueMs(turn) <= Math.min(now, ms); turn += 1) {
      const publication = publish(turn).finally(() => underWay.delete(publication));
      underWay.add(publication);
    }
    await sleep(tickMs);
  }
  await Promise.all(underWay);
  return {
    requests,
    seconds: (performance.now() - begin) / 1_000,
    p50Ms: latencies.quantile(0.5),
    p99Ms: latencies.quantile(0.99),
    errors,
    ...(firstError === undefined ? {} : { firstError }),
  };
}

takeOrders(run);
