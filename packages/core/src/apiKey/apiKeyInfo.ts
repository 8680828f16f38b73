import type { ApiKey } from '@muster/db';
import { fieldsFromRow, type JsonRow } from '../base/rows.ts';

/** An API key without the hash of its secret. */
export type ApiKeyInfo = Omit<ApiKey, 'secretHash'>;

/** An API key of a row that was read without the hash. */
export function apiKeyFromRow(row: JsonRow): ApiKeyInfo {
  const fields = fieldsFromRow(row);
  return { ...fields, newcomerLabels: row.newcomer_labels ?? null } as ApiKeyInfo;
}
