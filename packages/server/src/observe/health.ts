import type { Database } from '@muster/db';

/** How long the database may take to answer for the server to count as ready. */
const timeoutMs = 2_000;

export interface Readiness {
  ready: boolean;
  database: 'ok' | 'unreachable';
  /** The newest migration that is in; null where none is. */
  migration: string | null;
  /** The server is stopping: send no more requests. */
  stopping: boolean;
}

export interface Health {
  readiness(): Promise<Readiness>;
  /** From now on the server is not ready. */
  beginStopping(): void;
}

/** Whether this server can do its work: its database answers and has its migrations, and it isn't stopping. */
export function createHealth(db: Database): Health {
  let stopping = false;
  return {
    readiness: async () => {
      const migration = await Promise.race([newestMigration(db), afterTimeout()]);
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
