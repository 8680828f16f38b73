import { Writable } from 'node:stream';
import type { Database } from '@muster/db';
import { openForTests, openTestDatabase } from '@muster/db/testing';
import { pino } from 'pino';
import { type Config, readConfig, type variables } from '../src/config/config.ts';
import type { CreateGuards } from '../src/limits/guards.ts';
import { type RunningServer, startOver } from '../src/server.ts';

/** A line that the server logged. */
interface LogLine {
  level: number;
  msg: string;
  errorId?: string;
  err?: { message: string; stack: string };
}

/** A server in this process, over its own database. */
export interface TestServer {
  readonly url: string;
  /** Where gRPC answers. */
  readonly grpcAddress: string;
  /** The server's own database: what a test does to it, it does behind the server's back. */
  readonly db: Database;
  /** All that was logged so far. */
  readonly logged: readonly LogLine[];
  /** The numbers of running streams and groups. */
  readonly load: RunningServer['load'];
  stop(): Promise<void>;
}

export interface TestServerOptions {
  env?: Partial<Record<keyof typeof variables, string>>;
  /** In place of what `env` says: times shorter than it may say, such as a part of a second. */
  settings?: Partial<Config>;
  /** A new one by default. */
  db?: Database;
  /** Called with each statement on the new database. */
  onQuery?: (text: string) => void;
  /** The limits of every operation; the standard ones by default. */
  createGuards?: CreateGuards;
}

/** Tests ask faster than people do. */
const plentyOfPoints = { MUSTER_POINTS_PER_SECOND: '1000000000', MUSTER_POINTS_PER_MINUTE: '1000000000' };

/** All clients of a test have one address, so that bounds by address are out of the way unless a test asks for them. */
const oneAddress = {
  MUSTER_FAILED_CREDENTIALS_PER_MINUTE: '1000000',
  MUSTER_ANONYMOUS_REQUESTS_PER_SECOND: '1000000',
};

/** A server for the tests that follow, stopped after them. */
export function useTestServer(options?: TestServerOptions): TestServer {
  return openForTests(
    () => startTestServer(options),
    (server) => server.stop(),
  );
}

/** Starts the server on a free port, over a new database of this run's kind unless one is given. */
export async function startTestServer({
  env = {},
  settings = {},
  db,
  onQuery,
  createGuards,
}: TestServerOptions = {}): Promise<TestServer> {
  const logged: LogLine[] = [];
  const lines = new Writable({
    write: (chunk, _encoding, done) => {
      logged.push(JSON.parse(String(chunk)));
      done();
    },
  });
  const database = db ?? (await openTestDatabase(onQuery ? { onQuery } : {}));
  const server = await startOver(
    database,
    { ...readConfig({ PORT: '0', GRPC_PORT: '0', ...plentyOfPoints, ...oneAddress, ...env }), ...settings },
    pino({ level: 'debug' }, lines),
    createGuards ? { createGuards } : {},
  );
  const { url, grpcAddress } = server;
  return { url, grpcAddress, db: database, logged, load: () => server.load(), stop: () => server.stop() };
}
