import { type Core, openCore, openViewer, type Viewer } from '@muster/core';
import type { Database } from '@muster/db';
import { openForTests, openTestDatabase } from '@muster/db/testing';
import { type ExecutionResult, type GraphQLSchema, graphql, parse, subscribe } from 'graphql';
import { buildSchema, createContext } from '../src/index.ts';

/** The schema over its own database, without a server around it. */
export interface TestApi {
  readonly core: Core;
  readonly db: Database;
  readonly schema: GraphQLSchema;
  /** Runs an operation, and returns GraphQL's answer. */
  run(query: string, variables?: Record<string, unknown>, viewer?: Viewer): Promise<ExecutionResult>;
  /** Runs an operation, and returns the data in plain objects; throws on any error. */
  ask<Data = Record<string, unknown>>(
    query: string,
    variables?: Record<string, unknown>,
    viewer?: Viewer,
  ): Promise<Data>;
  /** Runs an operation that is refused, and returns the error's code and the path of the input. */
  refusal(query: string, variables?: Record<string, unknown>, viewer?: Viewer): Promise<unknown>;
  /** Opens a subscription, which is attached when the promise resolves. */
  watch(query: string, variables?: Record<string, unknown>, viewer?: Viewer): Promise<AsyncGenerator<ExecutionResult>>;
  /** Runs `work`, and returns the statements that it ran, in brief: `SELECT supervisors`. */
  statementsOf(work: () => Promise<unknown>): Promise<string[]>;
  close(): Promise<void>;
}

/** The schema for the tests that follow, over a new database, closed after them. */
export function useTestApi(makeSchema = buildSchema): TestApi {
  return openForTests(
    () => openTestApi(makeSchema()),
    (api) => api.close(),
  );
}

async function openTestApi(schema: GraphQLSchema): Promise<TestApi> {
  let statements: string[] = [];
  const db = await openTestDatabase({ onQuery: (text) => statements.push(inBrief(text)) });
  // Nothing runs by timers: no sweeps, and no polling of the log.
  const { core, close } = await openCore(db, { sweeps: false, settings: { eventPollMs: 600_000 } });
  const run: TestApi['run'] = (source, variableValues = {}, viewer = openViewer) =>
    graphql({ schema, source, variableValues, contextValue: createContext(core, viewer) });
  const api: TestApi = {
    core,
    db,
    schema,
    run,
    ask: async <Data>(query: string, variables?: Record<string, unknown>, viewer?: Viewer) => {
      const { data, errors } = await run(query, variables, viewer);
      if (errors) throw new Error(`${query}: ${errors.join('; ')}`, { cause: errors[0]?.originalError });
      return plain(data) as Data;
    },
    refusal: async (query, variables, viewer) => {
      const [error] = (await run(query, variables, viewer)).errors ?? [];
      const cause = error?.originalError;
      if (!cause || !('code' in cause)) throw new Error(`expected a refusal; got ${error ?? 'none'}`, { cause });
      return 'at' in cause ? { code: cause.code, path: cause.at } : { code: cause.code };
    },
    watch: async (query, variableValues = {}, viewer = openViewer) => {
      const contextValue = createContext(core, viewer);
      const result = await subscribe({ schema, document: parse(query), variableValues, contextValue });
      if (!(Symbol.asyncIterator in result)) throw new Error(`${query}: ${result.errors?.join('; ')}`);
      return result;
    },
    statementsOf: async (work) => {
      statements = [];
      await work();
      // The tail reads the log when it is woken, whatever operations run meanwhile (E4).
      return statements.filter((statement) => statement !== tailRead);
    },
    close: async () => {
      await close();
      await db.close();
    },
  };
  return api;
}

/** The value in plain objects: those of graphql-js have no prototype, which `toEqual` notices. */
export function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

const tailRead = 'SELECT events after a place';

/** A statement's verb and the tables that it touches, in their order. */
function inBrief(text: string): string {
  if (/FROM events e WHERE e\.seq > \$1::bigint ORDER BY/.test(text)) return tailRead;
  const [verb = ''] = /\b(SELECT|INSERT|UPDATE|DELETE|BEGIN|COMMIT|WITH)\b/i.exec(text) ?? [];
  const tables = [
    'supervisors',
    'plugins',
    'leases',
    'events',
    'event_log',
    'rollouts',
    'rollout_steps',
    '_prisma_migrations',
  ];
  const touched = tables.filter((table) =>
    new RegExp(`\\b(FROM|JOIN|INTO|UPDATE) +(\\S+\\.)?"?${table}\\b`, 'i').test(text),
  );
  const counts = /\bcount\(/i.test(text) ? ' count' : '';
  return `${verb.toUpperCase()}${counts} ${touched.join(' ')}`;
}
