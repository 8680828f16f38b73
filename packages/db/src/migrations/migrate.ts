import { DatabaseSetupError } from '../setup/setupError.ts';
import { type ApplyOptions, applyMigration, type MigrationConnection } from './applyMigration.ts';
import { readMigrations } from './folder.ts';
import { lackingMigrations, makeHistory } from './history.ts';
import { withMigrationLock } from './migrationLock.ts';

/** How a database is brought to the migrations. */
export interface MigrateOptions extends ApplyOptions {
  /** The folder of the migrations. */
  readonly folder: string;
  /** Whether those that the database lacks are applied; if not, a database that lacks some is refused. */
  readonly apply: boolean;
}

/**
 * Applies the migrations that the database lacks. One process migrates at a time; the others wait and then find nothing to
 * do. A database that lacks none is only read, without the lock.
 *
 * @throws DatabaseSetupError when the database is newer than this code, its history differs, a migration fails, or some
 * are lacking and may not be applied.
 */
export async function migrate(connection: MigrationConnection, options: MigrateOptions): Promise<void> {
  const { sql } = connection;
  const known = await readMigrations(options.folder);
  // Another process may be in the midst of one: what is odd is looked at again under the lock.
  const atFirst = await lackingMigrations(sql, known).catch(() => known);
  if (atFirst.length === 0) return;
  await withMigrationLock(sql, { steps: options.steps, signal: options.signal }, async () => {
    const lacking = await lackingMigrations(sql, known);
    if (lacking.length === 0) return;
    if (!options.apply) {
      throw new DatabaseSetupError(
        `the database lacks ${lacking.length} migrations, from ${lacking[0]?.name} on, and MUSTER_MIGRATE is false: run "muster migrate" first`,
      );
    }
    await makeHistory(sql);
    for (const migration of lacking) await applyMigration(connection, migration, options);
  });
}
