import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Behaviour } from '../driverContract.ts';
import { type FakeCall, readCall } from './call.ts';
import type { FakeContainer } from './fakeContainer.ts';
import { createFakeState, type FakeState } from './fakeState.ts';
import { type Reply, refusal, sendReply } from './reply.ts';
import { answer } from './routes.ts';

/**
 * The ways in which a call goes wrong. HANG: nothing is done, and no answer ever comes. MUTE: it is done, and no answer comes
 * all the same. CUT: it is done, and the connection breaks in mid-answer. A status and a message: a refusal.
 */
type Fault = 'HANG' | 'MUTE' | 'CUT' | { readonly status: number; readonly message: string };

/** A container engine for tests: Docker's API over a unix socket, and containers as a map. */
export interface FakeEngine {
  readonly socketPath: string;
  /** All calls, in their order, refused and silent ones among them. */
  readonly calls: readonly FakeCall[];
  /** By their ids. */
  readonly containers: ReadonlyMap<string, FakeContainer>;
  /** The images that it has, by their names. */
  readonly images: FakeState['images'];
  /** The images that can be fetched, by their names; others are `manifest unknown`. */
  readonly registry: Map<string, Behaviour>;
  /** The most fetches that ran at a time. */
  mostPullsAtOnce(): number;
  /** Decides on each call whether anything goes wrong. */
  onCall(decide: (call: FakeCall) => Fault | undefined): void;
  /** Has a fetch wait, between two lines of progress, until this resolves. Rejected, its words are the registry's. */
  onPull(wait: (image: string) => Promise<void>): void;
  /** Ends a container, as its program does by itself. */
  end(id: string, exitCode: number, options?: { isOutOfMemory?: boolean }): void;
  /** Ends the streams of events. */
  endEvents(): void;
  /** The versions that it says it speaks. */
  speak(versions: { ApiVersion: string; MinAPIVersion: string }): void;
  /** Ends all connections, and answers no more. */
  close(): Promise<void>;
}

/** @param now the engine's clock, in milliseconds since 1970 */
export async function openFakeEngine(now: () => number = Date.now): Promise<FakeEngine> {
  const folder = await mkdtemp(join(tmpdir(), 'engine-'));
  const socketPath = join(folder, 'socket');
  const state = createFakeState(now);
  const calls: FakeCall[] = [];
  let decide: (call: FakeCall) => Fault | undefined = () => undefined;

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const call = await readCall(request);
    calls.push(call);
    const fault = decide(call);
    if (typeof fault === 'object') return sendReply(response, refusal(fault.status, fault.message));
    if (fault === 'HANG') return;
    const reply: Reply = await answer(state, call);
    if (fault === undefined) return sendReply(response, reply);
    if (fault === 'CUT') {
      response.writeHead(200, { 'content-length': 1_000 }).write('{"half": "an answer');
      setImmediate(() => response.destroy());
    }
  }
  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined));
  });
  server.listen(socketPath);
  await once(server, 'listening');

  return {
    socketPath,
    calls,
    containers: state.containers,
    images: state.images,
    registry: state.registry,
    mostPullsAtOnce: () => state.mostPulls,
    onCall: (next) => {
      decide = next;
    },
    onPull: (wait) => {
      state.waitForPull = wait;
    },
    end: (id, exitCode, options = {}) => state.end(id, exitCode, options.isOutOfMemory),
    endEvents: () => void state.happenings.emit('endEvents'),
    speak: (versions) => Object.assign(state.versions, versions),
    close: async () => {
      server.close();
      server.closeAllConnections();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
