import { type Core, openCore, openViewer, type Viewer } from '@muster/core';
import type { Database } from '@muster/db';
import { openTestDatabase } from '@muster/db/testing';
import { type ExecutionResult, type GraphQLSchema, graphql, parse, subscribe } from 'graphql';
import { buildSchema, createContext } from '../src/index.ts';

/** The schema over its own database, without a server around it. */
export interface TestApi {
  readonly core: Core;
  readonly db: Database;
  readonly schema: GraphQLSchema;
  /** Runs an operation, and returns GraphQL's answer. */
  run(query: string, variables?: Record<string, unknown>, viewer?: Viewer): Promise<ExecutionResult>;
  /** The data of an operation, in plain objects; fails on any error. */
  ask<Data = Record<string, unknown>>(
    query: string,
    variables?: Record<string, unknown>,
    viewer?: Viewer,
  ): Promise<Data>;
  /** The `extensions.code` and the path of the input that an operation is refused with. */
  refusal(query: string, variables?: Record<string, unknown>, viewer?: Viewer): Promise<unknown>;
  /** The results of a subscription that is attached by now. */
  watch(query: string, variables?: Record<string, unknown>, viewer?: Viewer): Promise<AsyncGenerator<ExecutionResult>>;
  /** The statements that `work` runs, in brief: `SELECT supervisors`. */
  statementsOf(work: () => Promise<unknown>): Promise<string[]>;
  close(): Promise<void>;
}

export async function openTestApi(): Promise<TestApi> {
  let statements: string[] = [];
  const db = await openTestDatabase({ onQuery: (text) => statements.push(inBrief(text)) });
  // Nothing but what a test asks for is to run: no sweeps, and no reading of the log just in case.
  const { core, close } = await openCore(db, { sweeps: false, settings: { eventPollMs: 600_000 } });
  const schema = buildSchema();

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

/** graphql-js answers with objects that have no prototype, which `toEqual` tells apart. */
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
