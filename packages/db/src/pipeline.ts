import type { Client } from 'pg';
import { closeClient } from './closeClient.ts';
import { maxNamesPerConnection } from './lanes/postgresLane.ts';
import { connectionOf, type Pending, type Silence } from './lanes/silenceWatch.ts';
import { answers, idleMs } from './pool.ts';
import { runStatement } from './runQuery.ts';
import { type Sql, type Statement, textOf } from './sql.ts';

/** How a pipeline connects, and to whom it reports. */
export interface PipelineOptions {
  /** Creates a client, not connected yet, that pipelines and fails statements without a timely answer. */
  newClient(): Client;
  /** Maximum number of connections; each is opened when it is first needed. */
  connections: number;
  silence: Pick<Silence, 'noteAnswer'>;
  onQuery(text: string): void;
  onWarning(message: string, error: unknown): void;
}

/** Statements by pipelined connections. */
export interface Pipeline {
  readonly sql: Sql;
  /** Cuts the connections on which statements wait: those fail. */
  cut(): void;
  /** The connections on which nothing has been answered since this time or before, though something was sent. */
  pendingSince(sentAtMs: number): readonly Pending[];
  /** Closes the connections, once what was sent is answered. */
  close(): Promise<void>;
}

/** Lets what is sent in this turn of the event loop leave in one write: writing costs more than all else in a short statement. */
function gather(line: Line, { connection: { stream } }: Client): void {
  if (line.isGathering) return;
  line.isGathering = true;
  stream.cork();
  setImmediate(() => {
    line.isGathering = false;
    stream.uncork();
  });
}

/** One pipelined connection. */
interface Line {
  readonly connection: Client['connection'];
  readonly client: Promise<Client>;
  /** The same, once it is connected. */
  connected: Client | undefined;
  /** Names of the prepared statements that the server keeps for the connection. */
  readonly names: Set<string>;
  /** Number of statements without an answer yet. */
  underWay: number;
  /** When the last statement ended, by `performance.now`; undefined before the first. */
  usedAtMs: number | undefined;
  /** Since when the next answer has been waited for, by `performance.now`; of no meaning while none is. */
  waitingSinceMs: number;
  /** Whether the connection answers, while that is being found out. */
  probe: Promise<boolean> | undefined;
  /** Whether statements are gathered, to be written at the end of this turn of the event loop. */
  isGathering: boolean;
}

/** Statements that are gathered for one connection before the next one gets some: the database works on several at a time. */
const gatheredAtMost = 8;

function newLine(client: Client): Line {
  const line: Line = {
    connection: client.connection,
    client: client.connect().then(() => {
      line.connected = client;
      return client;
    }),
    connected: undefined,
    names: new Set(),
    underWay: 0,
    usedAtMs: undefined,
    waitingSinceMs: 0,
    probe: undefined,
    isGathering: false,
  };
  return line;
}

/** The statement on a connection whose answer comes next, if it has been waited for since this time or before. */
function pendingOn(line: Line, sentAtMs: number, cut: Pending['cut']): Pending[] {
  const { connected, underWay, waitingSinceMs } = line;
  if (connected === undefined || underWay === 0 || waitingSinceMs > sentAtMs) return [];
  return [{ sentAtMs: waitingSinceMs, connection: connectionOf(connected), cut }];
}

/**
 * Picks a connection that gathers statements, or else the one with the fewest pending; undefined while all have some and
 * there is room for another.
 */
function pickLine(lines: ReadonlySet<Line>, connections: number): Line | undefined {
  let found: Line | undefined;
  for (const line of lines) {
    if (line.isGathering && line.underWay < gatheredAtMost) return line;
    if (!found || line.underWay < found.underWay) found = line;
  }
  return found && (found.underWay === 0 || lines.size >= connections) ? found : undefined;
}

/** Whether a connection may have gone silent while it was idle. */
function isSuspect({ underWay, usedAtMs, probe }: Line): boolean {
  return probe !== undefined || (underWay === 1 && usedAtMs !== undefined && performance.now() - usedAtMs >= idleMs);
}

/**
 * Opens a pipeline: a connection sends statements without waiting for earlier answers, and the server answers in order.
 * That saves both sides most of their waiting, but a slow statement delays those behind it. A connection on which a
 * statement failed takes no further statements.
 */
export function createPipeline(options: PipelineOptions): Pipeline {
  const lines = new Set<Line>();
  const closings = new Set<Promise<void>>();

  function open(): Line {
    const client = options.newClient();
    const line = newLine(client);
    client.on('error', (error) => {
      options.onWarning('a pipelined database connection was lost', error);
      giveUp(line);
    });
    client.on('end', () => lines.delete(line));
    lines.add(line);
    return line;
  }

  /** Cuts a connection: the statements on it fail. */
  function cut(line: Line): void {
    lines.delete(line);
    line.connection.stream.destroy();
  }

  /** O2: probes a connection that was idle, before its next statement; cuts it, and is false, if it is silent. */
  async function isSound(line: Line): Promise<boolean> {
    line.probe ??= line.client.then(answers).finally(() => {
      line.probe = undefined;
    });
    const isAnswering = await line.probe;
    if (!isAnswering) cut(line);
    return isAnswering;
  }

  /** Closes a connection once its pending statements are answered, or cut off. */
  function giveUp(line: Line): void {
    if (!lines.delete(line)) return;
    const closing = line.client
      .then(closeClient)
      .catch(() => {})
      .finally(() => closings.delete(closing));
    closings.add(closing);
  }

  /** Runs a statement on a connection; undefined, and nothing was sent, if the connection is silent. */
  async function runOn<Row extends object>(
    line: Line,
    statement: string | Statement,
    values: readonly unknown[],
  ): Promise<Row[] | undefined> {
    if (line.underWay === 0) line.waitingSinceMs = performance.now();
    line.underWay += 1;
    if (typeof statement !== 'string') line.names.add(statement.name);
    try {
      if (isSuspect(line) && !(await isSound(line))) return undefined;
      const client = await line.client;
      gather(line, client);
      const rows = await runStatement<Row>(client, statement, values);
      line.waitingSinceMs = performance.now();
      options.silence.noteAnswer();
      return rows;
    } catch (error) {
      // After a failure it is unknown which named statements the server still has.
      giveUp(line);
      throw error;
    } finally {
      line.underWay -= 1;
      line.usedAtMs = performance.now();
      if (line.names.size >= maxNamesPerConnection) giveUp(line);
    }
  }

  return {
    sql: {
      query: async <Row extends object>(statement: string | Statement, values: readonly unknown[] = []) => {
        options.onQuery(textOf(statement));
        let rows: Row[] | undefined;
        while (!rows) rows = await runOn<Row>(pickLine(lines, options.connections) ?? open(), statement, values);
        return rows;
      },
    },
    cut: () => {
      for (const line of lines) if (line.underWay > 0) cut(line);
    },
    pendingSince: (sentAtMs) =>
      [...lines].flatMap((line) => {
        return pendingOn(line, sentAtMs, (error) => {
          options.onWarning('a pipelined database connection was cut, since it was silent for too long', error);
          cut(line);
        });
      }),
    close: async () => {
      for (const line of lines) giveUp(line);
      await Promise.all(closings);
    },
  };
}
