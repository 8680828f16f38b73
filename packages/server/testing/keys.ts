import { createApiKey, openCore, type Role, type Viewer } from '@muster/core';
import type { Database } from '@muster/db';
import { openTestDatabase } from '@muster/db/testing';

const root: Viewer = { subject: 'root', role: 'ADMIN', domainId: null };

/** A new database with an API key of the role for each domain; and their tokens, in the order of the domains. */
export async function openDatabaseWithKeys(
  domainIds: readonly string[],
  role: Role = 'OPERATOR',
): Promise<{ db: Database; tokens: string[] }> {
  const db = await openTestDatabase();
  const { core, close } = await openCore(db, { sweeps: false });
  const tokens: string[] = [];
  for (const domainId of domainIds) {
    tokens.push((await createApiKey(core, root, { name: `of ${domainId}`, role, domainId })).token);
  }
  await close();
  return { db, tokens };
}
