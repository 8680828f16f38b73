import { setTimeout as delay } from 'node:timers/promises';
import type { ClientConfig, Pool, PoolClient } from 'pg';
import { answers } from '../pool.ts';
import { runStatement } from '../runQuery.ts';
import { type Sql, type Statement, textOf } from '../sql.ts';
import { Bag } from './bag.ts';
import { cancelStatement } from './cancelStatement.ts';
import { LaneCounters, type LaneLoad } from './laneLoad.ts';
import { type AnyLoan, type LoanBook, type Task, takeTurn } from './loan.ts';
import { connectionOf, type Pending, type Silence, type Waiting } from './silenceWatch.ts';
import { laneBounds, Turns } from './turns.ts';
import type { LaneName, Work } from './work.ts';
import { SilentConnectionError, type WorkStoppedError } from './workErrors.ts';

/** How long a cancelled statement may take to end before its connection is cut, in milliseconds. */
const cancelGraceMs = 2_000;
/** How long `isAnswering` waits, in milliseconds. */
const answeringMs = 3_000;
/** Names of prepared statements that one connection may have: the server keeps the plan of each. */
export const maxNamesPerConnection = 200;

/** The parts of a lane. */
export interface PostgresLaneOptions {
  readonly name: LaneName | 'log';
  readonly pool: Pool;
  readonly connections: number;
  /** How the pool connects, for cancel requests. */
  readonly connection: ClientConfig;
  /** How long a connection may be lent before it is cut, in milliseconds. */
  readonly longestLoanMs: number;
  /** How long a statement may have no answer before its connection is cut, in milliseconds. */
  readonly answerMs: number;
  readonly silence: Silence;
  onQuery(text: string): void;
  onWarning(message: string, error: unknown): void;
}

/** Connections of one part of the work, lent by turns (W4). */
export class PostgresLane implements LoanBook, Waiting {
  readonly turns;
  readonly counters = new LaneCounters();
  readonly loans = new Bag<AnyLoan>();
  readonly connections: number;
  interrupted: WorkStoppedError | undefined;
  readonly #options: PostgresLaneOptions;
  readonly #names = new WeakMap<PoolClient, Set<string>>();

  constructor(options: PostgresLaneOptions) {
    this.#options = options;
    this.connections = options.connections;
    this.turns = new Turns(laneBounds(options.connections));
  }

  get load(): LaneLoad {
    return this.counters.load(this.#options.name, this);
  }

  /** Runs one statement, for a work. */
  query<Row extends object>(
    work: Work,
    statement: Statement | string,
    values: readonly unknown[] = [],
  ): Promise<Row[]> {
    return this.lend(work, (lent) => lent.query<Row>(statement, values));
  }

  /** Runs `run` in one transaction; a throw rolls back. */
  transaction<Result>(work: Work, run: (sql: Sql) => Promise<Result>): Promise<Result> {
    return this.lend(work, async (lent) => {
      await lent.ask((client) => client.query('BEGIN'));
      const result = await run(lent);
      await lent.commit();
      return result;
    });
  }

  /**
   * Lends a connection for as long as `use` takes, when the work's turn has come. When the work is stopped, the statement
   * that runs is cancelled, and the caller gets the error at once.
   *
   * @throws QueueFullError, WorkStoppedError, SilentConnectionError
   */
  lend<Result>(work: Work, use: (lent: LentConnection) => Promise<Result>): Promise<Result> {
    const refusal = this.#options.silence.refusal();
    if (refusal) return Promise.reject(refusal);
    return takeTurn(this, work, new Borrowing(this.#options, work, this.#names, use));
  }

  /** Cuts the connections that were lent, or are silent, for too long; to be called now and then. */
  cutLoans(nowMs: number): void {
    const { longestLoanMs, answerMs, name } = this.#options;
    for (const loan of this.loans) {
      if (loan.hasFailed || loan.startedAtMs === undefined) continue;
      const isSilent = loan.sentAtMs !== undefined && nowMs - loan.sentAtMs >= answerMs;
      if (!isSilent && nowMs - loan.startedAtMs < longestLoanMs) continue;
      const error = isSilent
        ? new SilentConnectionError(answerMs)
        : new Error(`a connection of the lane ${name} was lent for over ${longestLoanMs} ms`);
      this.#cutLoan(loan, error);
    }
  }

  #cutLoan(loan: AnyLoan, error: Error): void {
    const was = error instanceof SilentConnectionError ? 'silent' : 'lent';
    this.#options.onWarning(`a database connection was cut, since it was ${was} for too long`, error);
    loan.fail(error);
  }

  waitsSince(sentAtMs: number): boolean {
    return [...this.loans].some(
      (loan) => !loan.hasFailed && (loan.sentAtMs ?? loan.startedAtMs ?? Number.POSITIVE_INFINITY) <= sentAtMs,
    );
  }

  pendingSince(sentAtMs: number): readonly Pending[] {
    return [...this.loans].flatMap((loan) => {
      const { client, sentAtMs: ownSentAtMs } = loan;
      if (loan.hasFailed || client === undefined || ownSentAtMs === undefined || ownSentAtMs > sentAtMs) return [];
      return [{ sentAtMs: ownSentAtMs, connection: connectionOf(client), cut: (error) => this.#cutLoan(loan, error) }];
    });
  }

  cutSilent(silentMs: number): void {
    for (const loan of this.loans) loan.fail(new SilentConnectionError(silentMs));
  }

  /** Whether a connection of the lane answers within 3 s, whatever is waited for. */
  async isAnswering(): Promise<boolean> {
    const asked = this.#options.pool.connect().then(async (client) => {
      const isSound = await answers(client);
      client.release(!isSound);
      return isSound;
    });
    return Promise.race([asked.catch(() => false), delay(answeringMs, false, { ref: false })]);
  }

  /** Stops all that waits or runs, and whatever would come after it. */
  interrupt(reason: WorkStoppedError): void {
    this.interrupted = reason;
    for (const loan of this.loans) loan.stop(reason);
  }

  close(): Promise<void> {
    return this.#options.pool.end();
  }
}

/** A connection that is lent: its statements are cancelled when the work is stopped. */
export interface LentConnection extends Sql {
  /** Runs a query by the driver's means, to be cancelled as any. @throws WorkStoppedError where the work was stopped before */
  ask<Answer>(query: (client: PoolClient) => Promise<Answer>): Promise<Answer>;
  /** Commits. Not cancelled: nobody could tell whether that had been in time. */
  commit(): Promise<void>;
}

class Borrowing<Result> implements Task<Result>, LentConnection {
  readonly #options: PostgresLaneOptions;
  readonly #work: Work;
  readonly #names: WeakMap<PoolClient, Set<string>>;
  readonly #use: (lent: LentConnection) => Promise<Result>;
  sentAtMs: number | undefined;
  client: PoolClient | undefined;
  #underWay = 0;
  #cutOff: NodeJS.Timeout | undefined;

  constructor(
    options: PostgresLaneOptions,
    work: Work,
    names: WeakMap<PoolClient, Set<string>>,
    use: (lent: LentConnection) => Promise<Result>,
  ) {
    this.#options = options;
    this.#work = work;
    this.#names = names;
    this.#use = use;
  }

  async begin(): Promise<Result> {
    const client = await this.#options.pool.connect();
    if (this.#work.stopped) {
      client.release();
      throw this.#work.stopped;
    }
    this.client = client;
    let isSound = false;
    try {
      const result = await this.#use(this);
      isSound = this.#cutOff === undefined && (this.#names.get(client)?.size ?? 0) < maxNamesPerConnection;
      return result;
    } finally {
      clearTimeout(this.#cutOff);
      this.#release(isSound);
    }
  }

  interrupt(giveBack: () => void): void {
    const client = this.client;
    if (!client || this.#cutOff) return;
    if (this.#underWay > 0) void cancelStatement(client, this.#options.connection);
    this.#cutOff = setTimeout(() => {
      client.connection.stream.destroy();
      // The borrower may wait for something else than the connection.
      this.#release(false);
      giveBack();
    }, cancelGraceMs);
  }

  /**
   * Gives the connection back to the pool, if it hasn't been. It is not sound after a failure, since the session's state is
   * unknown, and after an interruption, since a cancel request may be on its way.
   */
  #release(isSound: boolean): void {
    const client = this.client;
    this.client = undefined;
    client?.release(!isSound);
  }

  query<Row extends object>(statement: Statement | string, values: readonly unknown[] = []): Promise<Row[]> {
    this.#options.onQuery(textOf(statement));
    return this.ask((client) => {
      if (typeof statement !== 'string') this.#noteName(client, statement.name);
      return runStatement<Row>(client, statement, values);
    });
  }

  async ask<Answer>(query: (client: PoolClient) => Promise<Answer>): Promise<Answer> {
    const client = this.#clientToAsk();
    this.sentAtMs ??= performance.now();
    this.#underWay += 1;
    try {
      const answer = await query(client);
      this.#options.silence.noteAnswer();
      return answer;
    } finally {
      this.#underWay -= 1;
      this.sentAtMs = this.#underWay > 0 ? performance.now() : undefined;
    }
  }

  async commit(): Promise<void> {
    const client = this.#clientToAsk();
    this.sentAtMs = performance.now();
    try {
      await client.query('COMMIT');
    } finally {
      this.sentAtMs = undefined;
    }
  }

  #clientToAsk(): PoolClient {
    if (this.#work.stopped) throw this.#work.stopped;
    if (!this.client) throw new Error('expected a connection that is lent; it was given back');
    return this.client;
  }

  #noteName(client: PoolClient, name: string): void {
    const names = this.#names.get(client) ?? new Set();
    this.#names.set(client, names.add(name));
  }
}
