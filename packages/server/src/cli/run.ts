import {
  type ApiKeyInfo,
  type Core,
  createAgentToken,
  createApiKey,
  listApiKeys,
  openCore,
  type RenewedLog,
  renewLog,
  revokeApiKey,
  type Viewer,
} from '@muster/core';
import { leastPoolSize, openDatabase } from '@muster/db';
import type { Config } from '../config/config.ts';
import { accessSettings } from '../config/coreSettings.ts';
import type { DomainCommand } from './command.ts';
import type { Output } from './output.ts';

/** A person who can reach the database may do everything. */
const viewer: Viewer = { subject: 'cli', role: 'ADMIN', domainId: null };

/** Opens the database and runs a command. @throws DatabaseSetupError, DomainError */
export async function runInDomain(config: Config, command: DomainCommand, output: Output): Promise<void> {
  const db = await openDatabase({
    url: config.DATABASE_URL,
    dataDir: config.MUSTER_DATA_DIR,
    poolSize: leastPoolSize,
    proveConnections: true,
    migrate: config.MUSTER_MIGRATE,
    onDelay: output.say,
    onWarning: output.say,
  });
  try {
    const { core, close } = await openCore(db, { ...accessSettings(config), sweeps: false });
    await runCommand(core, command, output).finally(close);
  } finally {
    await db.close();
  }
}

async function runCommand(core: Core, command: DomainCommand, { out, say }: Output): Promise<void> {
  switch (command.kind) {
    case 'create': {
      const { name, role, domainId, hostname, lifetimeMs } = command;
      const expiresAt = endOf(core, lifetimeMs);
      const { apiKey, token } = await createApiKey(core, viewer, { name, role, domainId, hostname, expiresAt });
      say(`${summary(apiKey)}. Send it as "Authorization: Bearer ..."; it is shown this once:`);
      return out(token);
    }
    case 'createAgentToken': {
      const { name, domainId, hostname, lifetimeMs } = command;
      const expiresAt = endOf(core, lifetimeMs);
      const made = await createAgentToken(core, viewer, { name, domainId, hostname, expiresAt });
      say(
        made.apiKey
          ? `${summary(made.apiKey)}. It is shown this once; the agent's setting for it is TOKEN:`
          : `No key was ever made here, so a server runs open and takes any token, this one too. Once it asks for credentials this one counts for nothing; the agent's setting for it is TOKEN:`,
      );
      return out(made.token);
    }
    case 'list':
      return listKeys(core, command, { out, say });
    case 'revoke':
      return out(
        summary((await revokeApiKey(core, viewer, { apiKeyId: command.id, cascade: command.cascade })).apiKey),
      );
    case 'renew':
      return out(renewed(await renewLog(core)));
  }
}

async function listKeys(
  core: Core,
  { domainId, json }: Extract<DomainCommand, { kind: 'list' }>,
  { out, say }: Output,
): Promise<void> {
  let isEmpty = true;
  for (let after: string | null = null; ; ) {
    const page: Awaited<ReturnType<typeof listApiKeys>> = await listApiKeys(core, viewer, {
      domainId,
      first: core.settings.limits.pageSize,
      after,
    });
    for (const { node } of page.edges) {
      isEmpty = false;
      out(json ? JSON.stringify(node) : summary(node));
    }
    if (!(await page.pageInfo.hasNextPage)) break;
    after = page.pageInfo.endCursor;
  }
  if (isEmpty)
    say(domainId === null ? 'no keys: none was made yet' : `no keys of the domain ${JSON.stringify(domainId)}`);
}

const endOf = (core: Core, lifetimeMs: number | null) =>
  lifetimeMs === null ? null : new Date(core.now() + lifetimeMs);

function renewed({ epoch, afterSeq }: RenewedLog): string {
  return `The event log is in epoch ${epoch}, after event ${afterSeq}: cursors of before are CURSOR_EXPIRED, and subscriptions start anew.`;
}

function summary({ id, name, role, domainId, expiresAt, revokedAt }: ApiKeyInfo): string {
  const end = revokedAt
    ? `revoked ${revokedAt.toISOString()}`
    : expiresAt
      ? `until ${expiresAt.toISOString()}`
      : 'without an end';
  return `${id} ${JSON.stringify(name)}: ${role} of ${domainId ?? 'all domains'}, ${end}`;
}
