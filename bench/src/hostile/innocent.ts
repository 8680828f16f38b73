import { Pool } from 'undici';
import { createLatencies } from '../load/latencies.ts';
import { createReport } from '../reports/report.ts';
import { outcomeOf } from './clients/http.ts';
import {
  type InnocentFigures,
  type InnocentOrder,
  type InnocentSettings,
  type InnocentWord,
  type OperationName,
  operationNames,
} from './innocentProtocol.ts';
import { failureName } from './keepAttacking.ts';

/**
 * The process of the innocent tenant, which works at a steady rate whatever becomes of earlier requests, so that a slow
 * server gets no pause. Latencies count from the scheduled time.
 */
const settings: InnocentSettings = JSON.parse(process.argv[2] ?? '{}');
const { tenant, rate } = settings;
/** The time after which a client gives up. */
const patienceMs = 10_000;
/** The shortest period of Node's timers. */
const tickMs = 1;

const pool = new Pool(settings.origin, { connections: 32, pipelining: 1 });

const queries: Record<OperationName, string> = {
  get: 'query ($id: ID!) { supervisor(id: $id) { id hostname state labels connected } }',
  list: '{ supervisors(first: 20) { nodes { id hostname state plugins(first: 10) { nodes { id pluginId state } } } } }',
  publish:
    'mutation ($input: PublishSupervisorInput!) { publishSupervisor(input: $input) { supervisor { id } nextPublishInMs } }',
};
const rates: Record<OperationName, number> = { get: rate, list: rate / 2, publish: rate };

function bodyOf(name: OperationName, turn: number): string {
  const index = turn % tenant.hostnames.length;
  if (name === 'get') return JSON.stringify({ query: queries.get, variables: { id: tenant.supervisorIds[index] } });
  if (name === 'list') return JSON.stringify({ query: queries.list });
  const { domainId: _, ...report } = createReport(index, tenant.plugins, turn % 10 === 0);
  return JSON.stringify({ query: queries.publish, variables: { input: report } });
}

async function ask(name: OperationName, turn: number): Promise<string> {
  const key = name === 'publish' ? tenant.keys.agent : tenant.keys.viewer;
  const response = await pool.request({
    method: 'POST',
    path: '/graphql',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json',
      authorization: `Bearer ${key}`,
    },
    body: bodyOf(name, turn),
    signal: AbortSignal.timeout(patienceMs),
  });
  return outcomeOf(response.statusCode, await response.body.text());
}

/** One kind of work: the schedule, the figures so far, and the requests that are under way. */
class Work {
  readonly #name: OperationName;
  readonly #everyMs: number;
  readonly #begin = performance.now();
  readonly #underWay = new Set<number>();
  #turn = 0;
  #since = 0;
  #latencies = createLatencies();
  #errors = new Map<string, number>();
  #requests = 0;

  constructor(name: OperationName) {
    this.#name = name;
    this.#everyMs = 1_000 / rates[name];
  }

  /** Sends the requests that are due. */
  sendDue(): void {
    for (; this.#dueAt(this.#turn) <= performance.now(); this.#turn += 1) this.#send(this.#turn);
  }

  forget(): void {
    this.#since = performance.now();
    this.#latencies = createLatencies();
    this.#errors = new Map();
    this.#requests = 0;
  }

  report(): InnocentFigures[OperationName] {
    const now = performance.now();
    for (const due of this.#underWay) this.#latencies.add(now - Math.max(due, this.#since));
    return {
      requests: this.#requests + this.#underWay.size,
      p50Ms: this.#latencies.quantile(0.5),
      p99Ms: this.#latencies.quantile(0.99),
      errors: Object.fromEntries(this.#errors),
    };
  }

  #dueAt(turn: number): number {
    return this.#begin + turn * this.#everyMs;
  }

  #send(turn: number): void {
    const due = this.#dueAt(turn);
    this.#underWay.add(due);
    void ask(this.#name, turn)
      .catch((error: unknown) => failureName(error))
      .then((outcome) => {
        this.#underWay.delete(due);
        // An answer to a request of an earlier phase is not counted in this phase.
        if (due < this.#since) return;
        this.#requests += 1;
        this.#latencies.add(performance.now() - due);
        if (outcome !== 'ok') this.#errors.set(outcome, (this.#errors.get(outcome) ?? 0) + 1);
      });
  }
}

const works = operationNames.map((name) => [name, new Work(name)] as const);
setInterval(() => {
  for (const [, work] of works) work.sendDue();
}, tickMs);

const say = (word: InnocentWord) => void process.send?.(word);
process.on('message', (order: InnocentOrder) => {
  if (order === 'begin') {
    for (const [, work] of works) work.forget();
    say({ kind: 'begun' });
  } else {
    const figures = Object.fromEntries(works.map(([name, work]) => [name, work.report()])) as InnocentFigures;
    say({ kind: 'figures', figures });
  }
});
process.once('disconnect', () => process.exit());
say({ kind: 'ready' });
