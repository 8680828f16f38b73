import type { PGlite } from '@electric-sql/pglite';

/** A process beside the worker that ends the worker's children once the worker has ended, however it did. */
export interface ProcessGuard {
  /** From now on `signal` is due to a process, and to its group where it leads one; returns how to call that off. */
  watch(pid: number, signal: NodeJS.Signals): () => void;
}

/** A PGlite that a worker's files use one after the other: emptying it takes a tenth of the time that opening one does. */
export interface SharedPGlite {
  readonly pglite: PGlite;
  /** The definitions of the schema. A file that has changed them is the last that uses this PGlite. */
  readonly definitions: string;
  /** Brings back the rows that a new database has, and those alone. */
  readonly reset: string;
}

/** The state that a vitest worker keeps from one test file to the next. */
export interface TestWorker {
  /** How to close what the running file has opened and not closed yet, with a name for people. */
  readonly held: Map<() => Promise<void>, string>;
  /** The guard over the worker's child processes, from the first of them on. */
  guard?: ProcessGuard;
  /** The worker's embedded database, from the first file that needs one on. */
  pglite?: SharedPGlite;
  /** The name of the database on PostgreSQL that the next file takes. */
  spareDatabase?: Promise<string>;
  /** Ends once all databases on PostgreSQL are dropped that no file needs any more. */
  drops?: Promise<void>;
}

const key = Symbol.for('muster.testWorker');

/** The worker that this is. A property of the global object, since a file may load its modules anew (`vi.resetModules`). */
export function testWorker(): TestWorker {
  const holder = globalThis as { [key]?: TestWorker };
  holder[key] ??= { held: new Map() };
  return holder[key];
}

/**
 * Notes that a test must release something by `release`; returns how to say that it has. At a file's end, everything
 * that it hasn't released is released, and fails the file.
 */
export function hold(name: string, release: () => Promise<void>): () => void {
  const { held } = testWorker();
  held.set(release, name);
  return () => void held.delete(release);
}

/** Releases all that is held, newest first, and says what that was. */
export async function releaseHeld(): Promise<string[]> {
  const { held } = testWorker();
  const left = [...held].reverse();
  held.clear();
  for (const [release] of left) await release();
  return left.map(([, name]) => name);
}
