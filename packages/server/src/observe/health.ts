import type { Database } from '@muster/db';

/** The time in which the database must answer for the server to count as ready. */
const timeoutMs = 2_000;

/** The answer of /ready. */
interface Readiness {
  ready: boolean;
  database: 'ok' | 'unreachable';
  /** The newest applied migration; null where the database doesn't answer or has none. */
  migration: string | null;
  /** Whether the server is stopping, and takes no more requests. */
  stopping: boolean;
}

/** The server's readiness, for probes. */
export interface Health {
  /** Asks the database. */
  readiness(): Promise<Readiness>;
  /** Makes the server not ready from now on. */
  beginStopping(): void;
}

/** Makes the health of a server over a database: ready while the database answers and the server isn't stopping. */
export function createHealth(db: Database): Health {
  let stopping = false;
  /** The question to the database that is under way: probes that come meanwhile share the answer. */
  let asked: Promise<string | null> | null = null;
  const ask = () => {
    asked ??= Promise.race([newestMigration(db), afterTimeout()]).finally(() => {
      asked = null;
    });
    return asked;
  };
  return {
    readiness: async () => {
      const migration = await ask();
      return {
        ready: migration !== null && !stopping,
        database: migration === null ? 'unreachable' : 'ok',
        migration,
        stopping,
      };
    },
    beginStopping: () => {
      stopping = true;
    },
  };
}

async function newestMigration(db: Database): Promise<string | null> {
  try {
    return (await db.appliedMigrations()).at(-1) ?? null;
  } catch {
    return null;
  }
}

function afterTimeout(): Promise<null> {
  return new Promise((resolve) => setTimeout(resolve, timeoutMs, null).unref());
}
