import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Behaviour } from '../driverContract.ts';
import { type FakeServer, openFakeServer } from '../fakeServer/fakeServer.ts';
import type { FakeContainer } from './fakeContainer.ts';
import { createFakeState, type FakeState } from './fakeState.ts';
import { answer } from './routes.ts';

/** A container engine for tests: Docker's API over a unix socket, and containers as a map. */
export interface FakeEngine extends Pick<FakeServer, 'calls' | 'onCall'> {
  readonly socketPath: string;
  /** By their ids. */
  readonly containers: ReadonlyMap<string, FakeContainer>;
  /** The images that it has, by their names. */
  readonly images: FakeState['images'];
  /** The images that can be fetched, by their names; others are `manifest unknown`. */
  readonly registry: Map<string, Behaviour>;
  /** The most fetches that ran at a time. */
  mostPullsAtOnce(): number;
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
  const server = await openFakeServer({ path: socketPath }, (call) => answer(state, call));

  return {
    socketPath,
    calls: server.calls,
    onCall: server.onCall,
    containers: state.containers,
    images: state.images,
    registry: state.registry,
    mostPullsAtOnce: () => state.mostPulls,
    onPull: (wait) => {
      state.waitForPull = wait;
    },
    end: (id, exitCode, options = {}) => state.end(id, exitCode, options.isOutOfMemory),
    endEvents: () => void state.happenings.emit('endEvents'),
    speak: (versions) => Object.assign(state.versions, versions),
    close: async () => {
      server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
