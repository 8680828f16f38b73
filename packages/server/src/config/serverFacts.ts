import type { Database } from '@muster/db';
import type { ServerFacts } from '@muster/schema';
import { type Config, variables } from './config.ts';
import { version } from './version.ts';

/** The server as it shows itself: of its settings those that are numbers, so that no address and no secret is among them. */
export function serverFacts(config: Config, database: Database['kind']): ServerFacts {
  const settings = Object.entries(variables).flatMap(([name, { description }]) => {
    const value: unknown = config[name as keyof Config];
    return name.startsWith('MUSTER_') && typeof value === 'number' ? [{ name, value, description }] : [];
  });
  return { version, database, settings };
}
