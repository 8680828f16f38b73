import type { Client } from 'pg';
import { closeClient } from './closeClient.ts';
import type { Sql, Statement } from './sql.ts';

export interface PipelineOptions {
  /** A client that isn't connected yet, that pipelines, and whose statements fail unless they are answered in time. */
  newClient(): Client;
  /** Connections at the most; each is made when it is first needed. */
  connections: number;
  onQuery(text: string): void;
  onWarning(message: string, error: unknown): void;
}

/** One of the connections. */
interface Line {
  readonly client: Promise<Client>;
  /** Statements that have no answer yet. */
  underWay: number;
}

/**
 * Runs statements without waiting for the answers of those before them: a connection has several under way, which the
 * server answers one by one. It spares both sides most of their waiting, and suits statements that are over at once,
 * since a slow one holds up those behind it. A connection that failed, or on which a statement did, takes no more.
 */
export function createPipeline(options: PipelineOptions): { readonly sql: Sql; close(): Promise<void> } {
  const lines = new Set<Line>();
  const closings = new Set<Promise<void>>();

  function open(): Line {
    const client = options.newClient();
    const line: Line = { client: client.connect().then(() => client), underWay: 0 };
    client.on('error', (error) => {
      options.onWarning('a pipelined database connection was lost', error);
      giveUp(line);
    });
    client.on('end', () => lines.delete(line));
    lines.add(line);
    return line;
  }

  /** Those that are under way are still answered, as far as they can be. */
  function giveUp(line: Line): void {
    if (!lines.delete(line)) return;
    const closing = line.client
      .then(closeClient)
      .catch(() => {})
      .finally(() => closings.delete(closing));
    closings.add(closing);
  }

  /** The one with the fewest statements under way, or a further one while all have some. */
  function freest(): Line {
    let found: Line | undefined;
    for (const line of lines) if (!found || line.underWay < found.underWay) found = line;
    return found && (found.underWay === 0 || lines.size >= options.connections) ? found : open();
  }

  return {
    sql: {
      query: async <Row extends object>(statement: string | Statement, values: readonly unknown[] = []) => {
        const config = typeof statement === 'string' ? { text: statement } : statement;
        options.onQuery(config.text);
        const line = freest();
        line.underWay += 1;
        try {
          const client = await line.client;
          return (await client.query<Row>({ ...config, values: [...values] })).rows;
        } catch (error) {
          // Whether a name still stands for a statement there is not known after one has failed.
          giveUp(line);
          throw error;
        } finally {
          line.underWay -= 1;
        }
      },
    },
    close: async () => {
      for (const line of lines) giveUp(line);
      await Promise.all(closings);
    },
  };
}
