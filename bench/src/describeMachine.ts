import { availableParallelism, cpus } from 'node:os';
import { postgresVersion } from './postgres.ts';

/** Describes the machine that all figures depend on. */
export async function describeMachine(): Promise<string> {
  const date = new Date().toISOString().slice(0, 10);
  return [
    `${date}, Node ${process.versions.node}, PostgreSQL ${await postgresVersion()};`,
    `${availableParallelism()} cores (${cpus()[0]?.model ?? 'unknown'})`,
  ].join(' ');
}
