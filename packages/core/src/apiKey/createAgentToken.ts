import { z } from 'zod';
import type { DomainInput } from '../access/domainInput.ts';
import { newApiKeyToken } from '../access/keyring.ts';
import { domainFor } from '../access/policy.ts';
import type { Viewer } from '../access/viewer.ts';
import type { Unchecked } from '../base/unchecked.ts';
import { parse, perLimits, text } from '../base/validate.ts';
import { type Core, type CoreInternals, internalsOf } from '../core.ts';
import type { ApiKeyInfo } from './apiKeyInfo.ts';
import { makeApiKey, requireFittingEnd } from './makeApiKey.ts';

/** The input of `createAgentToken`. */
export type CreateAgentTokenInput = DomainInput & z.input<ReturnType<typeof schemaOf>>;

/** An agent's new token. */
export interface MadeAgentToken {
  /** Null while the server runs open (A5): it takes every token, and its first key would close it. */
  readonly apiKey: ApiKeyInfo | null;
  readonly token: string;
  readonly expiresAt: Date;
}

/** Existing agents are given a token once, and can't renew it. */
const defaultLifetimeMs = 365 * 86_400_000;

const schemaOf = perLimits((limits) =>
  z.object({
    hostname: text(limits.nameLength),
    /** A name for people. Default: the hostname. */
    name: text(limits.nameLength).nullish(),
    /** Until when. Default: one year from now, or when the key that makes it ends, if that is sooner. */
    expiresAt: z.date().nullish(),
  }),
);

/**
 * Makes a token for an existing agent: an API key of the role SUPERVISOR that is bound to its host (A7), in the form of a JWT
 * (access/agentToken.ts). Who may make one, until when, and how many there may be: as for every API key (A1, A8).
 *
 * @throws DomainError as `createApiKey`
 */
export async function createAgentToken(
  core: Core,
  viewer: Viewer,
  input: Unchecked<CreateAgentTokenInput>,
): Promise<MadeAgentToken> {
  const internals = internalsOf(core);
  const domainId = domainFor(viewer, 'operate', input.domainId);
  const { hostname, name, expiresAt: until } = parse(schemaOf(core.settings.limits), input);
  const expiresAt = requireFittingEnd(internals, viewer, 'expiresAt', until ?? defaultEnd(internals, viewer));
  const { id } = newApiKeyToken();
  const token = await core.access.signAgentToken({ keyId: id, domainId, hostname, expiresAt });
  // Another replica may have been given the first key a moment ago.
  if (core.access.open) await core.access.refreshKeys();
  if (core.access.open) return { apiKey: null, token, expiresAt };
  const key = { name: name ?? hostname, role: 'SUPERVISOR', domainId, expiresAt, hostname, enrollment: null } as const;
  const { apiKey } = await internals.db.transaction((sql) =>
    makeApiKey(internals, sql, viewer, key, { id, secret: token }),
  );
  return { apiKey, token, expiresAt };
}

function defaultEnd(core: CoreInternals, { credential }: Viewer): Date {
  const endMs = core.now() + defaultLifetimeMs;
  const { keyId = null, expiresAtMs = null } = credential ?? {};
  return new Date(keyId === null || expiresAtMs === null ? endMs : Math.min(endMs, expiresAtMs));
}
