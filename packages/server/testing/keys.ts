import { createApiKey, openCore, type Role, type Viewer } from '@muster/core';
import type { Database } from '@muster/db';

const root: Viewer = { subject: 'root', role: 'ADMIN', domainId: null };

/** Makes API keys in a database that no server has opened yet. Returns their tokens, in the same order. */
export async function createKeys(
  db: Database,
  keys: readonly { readonly domainId: string; readonly role: Role }[],
): Promise<string[]> {
  const { core, close } = await openCore(db, { sweeps: false });
  const tokens: string[] = [];
  for (const { domainId, role } of keys) {
    tokens.push((await createApiKey(core, root, { name: `${role} of ${domainId}`, role, domainId })).token);
  }
  await close();
  return tokens;
}
