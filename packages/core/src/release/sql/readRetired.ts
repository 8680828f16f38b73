import type { Sql, Statement } from '@muster/db';
import { effectiveReleaseSql } from './effectiveRelease.ts';

/** A version of a domain's plugin. */
export interface PluginVersion {
  readonly domainId: string;
  readonly pluginId: string;
  readonly version: string;
}

const plugin = { domainId: '$1::text', pluginId: '$2::text', version: '$3::text' };
const text = effectiveReleaseSql(plugin, 'r.id, r.retired_at IS NOT NULL AS "isRetired"');

const readStatement: Statement = { name: 'read_retired', text };
const lockStatement: Statement = { name: 'lock_retired', text: `${text} FOR SHARE OF r` };

/** The id of the release of a version, if that is retired; undefined where it may be placed. */
export function readRetired(sql: Sql, version: PluginVersion): Promise<string | undefined> {
  return read(sql, readStatement, version);
}

/** As `readRetired`, within a transaction: a release that may be placed is not retired before that has ended. */
export function lockRetired(sql: Sql, version: PluginVersion): Promise<string | undefined> {
  return read(sql, lockStatement, version);
}

async function read(
  sql: Sql,
  statement: Statement,
  { domainId, pluginId, version }: PluginVersion,
): Promise<string | undefined> {
  const [release] = await sql.query<{ id: string; isRetired: boolean }>(statement, [domainId, pluginId, version]);
  return release?.isRetired ? release.id : undefined;
}
