import type { Sql } from '@muster/db';
import { DomainError } from '../base/errors.ts';
import { lockRetired, type PluginVersion, readRetired } from './sql/readRetired.ts';

/**
 * C1: refuses to place a version whose release is retired, within the transaction that places it. A version without a
 * release may be placed.
 *
 * @throws DomainError PLUGIN_STATE
 */
export async function refuseRetired(sql: Sql, version: PluginVersion): Promise<void> {
  const releaseId = await lockRetired(sql, version);
  if (releaseId !== undefined) throw retired(version, releaseId);
}

/** As `refuseRetired`, for who only asks what a placement would do. */
export async function refuseRetiredNow(sql: Sql, version: PluginVersion): Promise<void> {
  const releaseId = await readRetired(sql, version);
  if (releaseId !== undefined) throw retired(version, releaseId);
}

function retired({ domainId, pluginId, version }: PluginVersion, releaseId: string): DomainError {
  return new DomainError(
    'PLUGIN_STATE',
    `expected a version of ${pluginId} that may be placed in domain ${domainId}; the release of ${version}, ${releaseId}, is retired`,
    { releaseId },
  );
}
