import { type ApiKeyInfo, createApiKey, listApiKeys, revokeApiKey } from '@muster/core';
import { builder } from '../builder.ts';
import { domainIdDescription } from '../inputs/domainId.ts';
import { prefixInputErrors } from '../inputs/prefixInputErrors.ts';
import { Role } from './viewer.ts';

const ApiKey = builder.objectRef<ApiKeyInfo>('ApiKey').implement({
  description:
    'A credential that Muster issued. The token was shown once, when the key was created, and is not stored.',
  fields: (t) => ({
    id: t.exposeID('id', {
      description: 'The id: `key-` and 12 hex digits. Events name it as the actor of changes made with the key.',
    }),
    name: t.exposeString('name', { description: 'The purpose of the key, in words for people.' }),
    role: t.expose('role', { type: Role, description: 'The role that the key gives.' }),
    domainId: t.exposeID('domainId', {
      nullable: true,
      description: 'The domain of the key; null for an ADMIN of all domains.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'The time of the creation.' }),
    createdBy: t.exposeString('createdBy', { description: 'The subject that created the key.' }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      nullable: true,
      description: 'The time when the key expires; null where it never does.',
    }),
    lastUsedAt: t.expose('lastUsedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'The time of the last use, to the minute; null before the first use.',
    }),
    revokedAt: t.expose('revokedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'The time of the revocation; null while the key is not revoked.',
    }),
    revokedBy: t.exposeString('revokedBy', {
      nullable: true,
      description: 'The subject that revoked the key; null while it is not revoked.',
    }),
  }),
});

const ApiKeyConnection = builder.connectionObject(
  { type: ApiKey, name: 'ApiKeyConnection', description: 'A page of API keys.' },
  { name: 'ApiKeyEdge', description: 'An API key in a page.' },
);

builder.queryField('apiKeys', (t) =>
  t.field({
    type: ApiKeyConnection,
    authScopes: { operate: true },
    description:
      'A page of the API keys of a domain, the newest first, expired and revoked keys included. An OPERATOR does not see keys of the role ADMIN.',
    args: {
      domainId: t.arg.id({ description: domainIdDescription.read }),
      ...t.arg.connectionArgs(),
    },
    resolve: (_root, args, { core, viewer }) => listApiKeys(core, viewer, args),
  }),
);

const CreateApiKeyInput = builder.inputType('CreateApiKeyInput', {
  description: 'The API key to create.',
  fields: (t) => ({
    name: t.string({
      required: true,
      description: 'The purpose of the key, in words for people; 1 to 255 characters.',
    }),
    role: t.field({
      type: Role,
      required: true,
      description: 'The role that the key gives; no greater than your own.',
    }),
    domainId: t.id({
      description:
        'The domain of the key. Default: the domain of your credential; for an ADMIN of all domains none, which only a key of the role ADMIN may have. Only an ADMIN may name another domain.',
    }),
    expiresAt: t.field({ type: 'DateTime', description: 'The time when the key expires. Default: never.' }),
  }),
});

const CreateApiKeyPayload = builder.objectRef<{ apiKey: ApiKeyInfo; token: string }>('CreateApiKeyPayload').implement({
  description: 'The answer to `createApiKey`.',
  fields: (t) => ({
    apiKey: t.expose('apiKey', { type: ApiKey, description: 'The new key.' }),
    token: t.exposeString('token', {
      description:
        'The token that clients send as `Authorization: Bearer <token>`. It is shown only here: Muster stores a hash.',
    }),
  }),
});

builder.mutationField('createApiKey', (t) =>
  t.field({
    type: CreateApiKeyPayload,
    authScopes: { operate: true },
    description:
      'Creates an API key. The first key of an open server closes it: from then on, every request needs a credential.',
    args: { input: t.arg({ type: CreateApiKeyInput, required: true, description: 'The API key to create.' }) },
    resolve: (_root, { input }, { core, viewer }) => prefixInputErrors(createApiKey(core, viewer, input)),
  }),
);

const RevokeApiKeyInput = builder.inputType('RevokeApiKeyInput', {
  description: 'The API key to revoke.',
  fields: (t) => ({
    id: t.id({
      required: true,
      description: 'The id of the key: `key-` and 12 hex digits. NOT_FOUND where there is none that you may see.',
    }),
    domainId: t.id({ description: domainIdDescription.target }),
  }),
});

const RevokeApiKeyPayload = builder.objectRef<{ apiKey: ApiKeyInfo }>('RevokeApiKeyPayload').implement({
  description: 'The answer to `revokeApiKey`.',
  fields: (t) => ({ apiKey: t.expose('apiKey', { type: ApiKey, description: 'The revoked key.' }) }),
});

builder.mutationField('revokeApiKey', (t) =>
  t.field({
    type: RevokeApiKeyPayload,
    authScopes: { operate: true },
    description:
      'Revokes an API key for good, on every replica within 5 seconds. Subscriptions opened with the key end too. A revoked key stays as it is.',
    args: { input: t.arg({ type: RevokeApiKeyInput, required: true, description: 'The API key to revoke.' }) },
    resolve: async (_root, { input }, { core, viewer }) => ({
      apiKey: await prefixInputErrors(revokeApiKey(core, viewer, input)),
    }),
  }),
);
