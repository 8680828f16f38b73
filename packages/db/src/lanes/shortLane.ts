import type { Pipeline } from '../pipeline.ts';
import type { Statement } from '../sql.ts';
import { Bag } from './bag.ts';
import { LaneCounters, type LaneLoad } from './laneLoad.ts';
import { type AnyLoan, type LoanBook, takeTurn } from './loan.ts';
import type { Pending, Silence, Waiting } from './silenceWatch.ts';
import { laneBounds, Turns } from './turns.ts';
import type { Work } from './work.ts';
import { SilentConnectionError, type WorkStoppedError } from './workErrors.ts';

/** Statements that may be under way on one pipelined connection. */
const statementsPerConnection = 32;

/**
 * Short statements of all works, pipelined on a few connections, by turns. A statement that was sent is not cancelled,
 * since others share its connection: it ends by itself at once, or by `statement_timeout`.
 */
export class ShortLane implements LoanBook, Waiting {
  readonly turns;
  readonly counters = new LaneCounters();
  readonly loans = new Bag<AnyLoan>();
  readonly connections: number;
  interrupted: WorkStoppedError | undefined;
  readonly #pipeline: Pipeline;
  readonly #silence: Pick<Silence, 'refusal'>;

  constructor(pipeline: Pipeline, connections: number, silence: Pick<Silence, 'refusal'>) {
    this.#pipeline = pipeline;
    this.#silence = silence;
    this.connections = connections * statementsPerConnection;
    this.turns = new Turns(laneBounds(this.connections));
  }

  get load(): LaneLoad {
    return this.counters.load('short', this);
  }

  query<Row extends object>(
    work: Work,
    statement: Statement | string,
    values: readonly unknown[] = [],
  ): Promise<Row[]> {
    const refusal = this.#silence.refusal();
    if (refusal) return Promise.reject(refusal);
    return takeTurn(this, work, {
      begin: () => this.#pipeline.sql.query<Row>(statement, values),
      interrupt: () => {},
    });
  }

  waitsSince(sentAtMs: number): boolean {
    return [...this.loans].some(({ startedAtMs }) => startedAtMs !== undefined && startedAtMs <= sentAtMs);
  }

  pendingSince(sentAtMs: number): readonly Pending[] {
    return this.#pipeline.pendingSince(sentAtMs);
  }

  cutSilent(silentMs: number): void {
    for (const loan of this.loans) loan.fail(new SilentConnectionError(silentMs));
    this.#pipeline.cut();
  }

  /** Stops all that waits or runs, and whatever would come after it. */
  interrupt(reason: WorkStoppedError): void {
    this.interrupted = reason;
    for (const loan of this.loans) loan.stop(reason);
  }

  close(): Promise<void> {
    return this.#pipeline.close();
  }
}
