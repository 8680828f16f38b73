import { type ApiKeyInfo, createApiKey, listApiKeys, revokeApiKey } from '@muster/core';
import { builder } from '../builder.ts';
import { fromInput } from '../inputs/input.ts';
import { Role } from './viewer.ts';

const ApiKey = builder.objectRef<ApiKeyInfo>('ApiKey').implement({
  description: 'A credential that Muster itself handed out. What lets its owner in was told once and is not kept.',
  fields: (t) => ({
    id: t.exposeID('id', { description: '`key-` and 12 hex digits; the subject of whoever uses it.' }),
    name: t.exposeString('name', { description: 'What it is for, in words for people.' }),
    role: t.expose('role', { type: Role, description: 'What it lets its owner do.' }),
    domainId: t.exposeID('domainId', {
      nullable: true,
      description: 'The domain that it is for; null for an ADMIN of all domains.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made.' }),
    createdBy: t.exposeString('createdBy', { description: 'Who made it.' }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it ends by itself; null for never.',
    }),
    lastUsedAt: t.expose('lastUsedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was last used, to the minute; null while it never was.',
    }),
    revokedAt: t.expose('revokedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was ended; null while it counts.',
    }),
    revokedBy: t.exposeString('revokedBy', { nullable: true, description: 'Who ended it.' }),
  }),
});

const ApiKeyConnection = builder.connectionObject(
  { type: ApiKey, name: 'ApiKeyConnection', description: 'One page of API keys.' },
  { name: 'ApiKeyEdge', description: 'An API key at its place in a list.' },
);

builder.queryField('apiKeys', (t) =>
  t.field({
    type: ApiKeyConnection,
    authScopes: { operate: true },
    description:
      'The API keys of a domain, newest first, ended ones too. An OPERATOR sees those of its domain but ADMINs’.',
    args: {
      domainId: t.arg.id({ description: 'Your own by default; an ADMIN sees all domains, or the one named here.' }),
      ...t.arg.connectionArgs(),
    },
    resolve: (_root, args, { core, viewer }) => listApiKeys(core, viewer, args),
  }),
);

const CreateApiKeyInput = builder.inputType('CreateApiKeyInput', {
  description: 'An API key to make.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'What it is for, in words for people; up to 255 characters.' }),
    role: t.field({
      type: Role,
      required: true,
      description: 'What it lets its owner do; none greater than your own.',
    }),
    domainId: t.id({ description: 'The domain that it is for: your own by default, and only an ADMIN names another.' }),
    expiresAt: t.field({ type: 'DateTime', description: 'When it ends by itself; by default never.' }),
  }),
});

const CreateApiKeyPayload = builder.objectRef<{ apiKey: ApiKeyInfo; token: string }>('CreateApiKeyPayload').implement({
  description: 'The API key that was made.',
  fields: (t) => ({
    apiKey: t.expose('apiKey', { type: ApiKey, description: 'The key.' }),
    token: t.exposeString('token', {
      description:
        'What its owner sends as `Authorization: Bearer ...`. It is told this once: only a hash of it is stored.',
    }),
  }),
});

builder.mutationField('createApiKey', (t) =>
  t.field({
    type: CreateApiKeyPayload,
    authScopes: { operate: true },
    description:
      'Makes an API key. The first one of a server that ran open closes it: from then on it asks everybody for a credential.',
    args: { input: t.arg({ type: CreateApiKeyInput, required: true, description: 'What for.' }) },
    resolve: (_root, { input }, { core, viewer }) => fromInput(createApiKey(core, viewer, input)),
  }),
);

const RevokeApiKeyInput = builder.inputType('RevokeApiKeyInput', {
  description: 'An API key to end.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'Its id.' }),
    domainId: t.id({ description: 'Your own by default; only an ADMIN names another.' }),
  }),
});

const RevokeApiKeyPayload = builder.objectRef<{ apiKey: ApiKeyInfo }>('RevokeApiKeyPayload').implement({
  description: 'The API key that was ended.',
  fields: (t) => ({ apiKey: t.expose('apiKey', { type: ApiKey, description: 'The key.' }) }),
});

builder.mutationField('revokeApiKey', (t) =>
  t.field({
    type: RevokeApiKeyPayload,
    authScopes: { operate: true },
    description:
      'Ends an API key for good, on every replica within 5 seconds; streams by its right end, too. One that has ended already stays as it is.',
    args: { input: t.arg({ type: RevokeApiKeyInput, required: true, description: 'Which.' }) },
    resolve: async (_root, { input }, { core, viewer }) => ({
      apiKey: await fromInput(revokeApiKey(core, viewer, input)),
    }),
  }),
);
