import type { Client } from 'pg';
import { closeClient } from './closeClient.ts';
import { maxNamesPerConnection } from './lanes/postgresLane.ts';
import { answers, idleMs } from './pool.ts';
import { runStatement } from './runQuery.ts';
import { type Sql, type Statement, textOf } from './sql.ts';

/** How a pipeline connects, and to whom it reports. */
export interface PipelineOptions {
  /** Creates a client, not connected yet, that pipelines and fails statements without a timely answer. */
  newClient(): Client;
  /** Maximum number of connections; each is opened when it is first needed. */
  connections: number;
  onQuery(text: string): void;
  onWarning(message: string, error: unknown): void;
}

/** Statements by pipelined connections. */
export interface Pipeline {
  readonly sql: Sql;
  /** Cuts the connections on which statements wait: those fail. */
  cut(): void;
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
  /** Names of the prepared statements that the server keeps for the connection. */
  readonly names: Set<string>;
  /** Number of statements without an answer yet. */
  underWay: number;
  /** When the last statement ended, by `performance.now`; undefined before the first. */
  usedAtMs: number | undefined;
  /** Whether the connection answers, while that is being found out. */
  probe: Promise<boolean> | undefined;
  /** Whether statements are gathered, to be written at the end of this turn of the event loop. */
  isGathering: boolean;
}

/** Statements that are gathered for one connection before the next one gets some: the database works on several at a time. */
const gatheredAtMost = 8;

function newLine(client: Client): Line {
  return {
    connection: client.connection,
    client: client.connect().then(() => client),
    names: new Set(),
    underWay: 0,
    usedAtMs: undefined,
    probe: undefined,
    isGathering: false,
  };
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

  /**
   * Picks a connection that gathers statements, or else the one with the fewest pending; opens another while all have some
   * and there is room.
   */
  function pickLine(): Line {
    let found: Line | undefined;
    for (const line of lines) {
      if (line.isGathering && line.underWay < gatheredAtMost) return line;
      if (!found || line.underWay < found.underWay) found = line;
    }
    return found && (found.underWay === 0 || lines.size >= options.connections) ? found : open();
  }

  /** Runs a statement on a connection; undefined, and nothing was sent, if the connection is silent. */
  async function runOn<Row extends object>(
    line: Line,
    statement: string | Statement,
    values: readonly unknown[],
  ): Promise<Row[] | undefined> {
    line.underWay += 1;
    if (typeof statement !== 'string') line.names.add(statement.name);
    try {
      if (isSuspect(line) && !(await isSound(line))) return undefined;
      const client = await line.client;
      gather(line, client);
      return await runStatement<Row>(client, statement, values);
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
        while (!rows) rows = await runOn<Row>(pickLine(), statement, values);
        return rows;
      },
    },
    cut: () => {
      for (const line of lines) if (line.underWay > 0) cut(line);
    },
    close: async () => {
      for (const line of lines) giveUp(line);
      await Promise.all(closings);
    },
  };
}
