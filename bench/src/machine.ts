import { availableParallelism, cpus } from 'node:os';
import { postgresVersion } from './postgres.ts';

/** What every bench's figures depend on, whatever it measures. */
export async function machine(): Promise<string> {
  const date = new Date().toISOString().slice(0, 10);
  return [
    `${date}, Node ${process.versions.node}, PostgreSQL ${await postgresVersion()};`,
    `${availableParallelism()} cores (${cpus()[0]?.model ?? 'unknown'})`,
  ].join(' ');
}
