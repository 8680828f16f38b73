import {
  type ApiKeyInfo,
  createApiKey,
  createEnrollmentKey,
  listApiKeys,
  type MadeApiKey,
  type RevokedApiKey,
  revokeApiKey,
} from '@muster/core';
import { builder, connection } from '../builder.ts';
import { domainIdDescription } from '../inputs/domainId.ts';
import { prefixInputErrors } from '../inputs/prefixInputErrors.ts';
import { Role } from './viewer.ts';

const Enrollment = builder
  .objectRef<
    Pick<ApiKeyInfo, 'newcomers' | 'newcomerLabels' | 'registersNewcomers' | 'newcomerKeysExpireAt'> & {
      maxNewcomers: number;
    }
  >('Enrollment')
  .implement({
    description: 'The newcomers that an enrollment key brings in.',
    fields: (t) => ({
      maxNewcomers: t.exposeInt('maxNewcomers', {
        description: 'The number of newcomers that the key brings in at most.',
      }),
      newcomers: t.exposeInt('newcomers', { description: 'The number of newcomers that the key has brought in.' }),
      labels: t.field({
        type: 'JSONObject',
        description: 'The labels that each newcomer gets, over the labels that it proposes.',
        resolve: ({ newcomerLabels }) => newcomerLabels ?? {},
      }),
      registers: t.exposeBoolean('registersNewcomers', {
        description: 'Whether newcomers are registered at once; otherwise an operator registers each.',
      }),
      keysExpireAt: t.expose('newcomerKeysExpireAt', {
        type: 'DateTime',
        nullable: true,
        description: 'The time when the keys of the newcomers expire; null where they never do.',
      }),
    }),
  });

const ApiKeyRef = builder.objectRef<ApiKeyInfo>('ApiKey');

const ApiKeyConnection = builder.connectionObject(
  { type: ApiKeyRef, name: 'ApiKeyConnection', description: 'A page of API keys.' },
  { name: 'ApiKeyEdge', description: 'An API key in a page.' },
);

/** An API key. */
export const ApiKey = builder.node(ApiKeyRef, {
  description:
    'A credential that Muster issued. The token was shown once, when the key was created, and is not stored.',
  id: {
    resolve: ({ id }) => id,
    description: 'The id: `key-` and 12 hex digits. Events name it as the actor of changes made with the key.',
  },
  fields: (t) => ({
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
    hostname: t.exposeString('hostname', {
      nullable: true,
      description: 'The only host that an agent with the key speaks for; null for any.',
    }),
    enrollment: t.field({
      type: Enrollment,
      nullable: true,
      description: 'The newcomers that an enrollment key brings in; null for any other key.',
      resolve: (key) => (key.maxNewcomers === null ? null : { ...key, maxNewcomers: key.maxNewcomers }),
    }),
    madeKeys: t.field({
      type: ApiKeyConnection,
      description: 'The API keys that were made with this key, the newest first.',
      args: t.arg.connectionArgs(),
      resolve: async ({ id, domainId }, args, { core, viewer }) => {
        const input = { ...args, madeByKey: id, domainId: viewer.domainId ?? domainId };
        return connection(await listApiKeys(core, viewer, input));
      },
    }),
  }),
});

builder.queryField('apiKeys', (t) =>
  t.field({
    type: ApiKeyConnection,
    authScopes: { operate: true },
    nullable: true,
    description:
      'A page of the API keys of a domain, the newest first, expired and revoked keys included. An OPERATOR does not see keys of the role ADMIN.',
    args: {
      domainId: t.arg.id({ description: domainIdDescription.read }),
      ...t.arg.connectionArgs(),
    },
    resolve: async (_root, args, { core, viewer }) => connection(await listApiKeys(core, viewer, args)),
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
    expiresAt: t.field({
      type: 'DateTime',
      description:
        'The time when the key expires. A key that expires makes none that expires later, or never. Default: never.',
    }),
    hostname: t.string({
      description:
        'The only host that an agent with the key speaks for. Only for the role SUPERVISOR. Default: every host of the domain.',
    }),
  }),
});

const CreateApiKeyPayload = builder.objectRef<MadeApiKey>('CreateApiKeyPayload').implement({
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
    nullable: true,
    description:
      'Creates an API key. The first key of an open server closes it: from then on, every request needs a credential. LIMIT where the domain has as many keys as it may have.',
    args: { input: t.arg({ type: CreateApiKeyInput, required: true, description: 'The API key to create.' }) },
    resolve: (_root, { input }, { core, viewer }) => prefixInputErrors(createApiKey(core, viewer, input)),
  }),
);

const CreateEnrollmentKeyInput = builder.inputType('CreateEnrollmentKeyInput', {
  description: 'The enrollment key to create.',
  fields: (t) => ({
    name: t.string({
      required: true,
      description: 'The purpose of the key, in words for people; 1 to 255 characters.',
    }),
    domainId: t.id({ description: domainIdDescription.single }),
    maxNewcomers: t.int({
      required: true,
      description: 'The number of newcomers that the key brings in at most: 1 to 100,000.',
    }),
    expiresAt: t.field({
      type: 'DateTime',
      description: 'The time until which newcomers may come. Default: one day from now.',
    }),
    labels: t.field({
      type: 'JSONObject',
      description: 'The labels that each newcomer gets, over the labels that it proposes. Default: none.',
    }),
    registers: t.boolean({
      description: 'Whether newcomers are registered at once. Default: false, so that an operator registers each.',
    }),
    keysExpireAt: t.field({
      type: 'DateTime',
      description:
        'The time when the keys of the newcomers expire; where your own key expires, no later than that. Default: never.',
    }),
  }),
});

const CreateEnrollmentKeyPayload = builder.objectRef<MadeApiKey>('CreateEnrollmentKeyPayload').implement({
  description: 'The answer to `createEnrollmentKey`.',
  fields: (t) => ({
    apiKey: t.expose('apiKey', { type: ApiKey, description: 'The new key.' }),
    token: t.exposeString('token', {
      description:
        'The token that newcomers send as `Authorization: Bearer <token>`. It is shown only here: Muster stores a hash.',
    }),
  }),
});

builder.mutationField('createEnrollmentKey', (t) =>
  t.field({
    type: CreateEnrollmentKeyPayload,
    authScopes: { operate: true },
    nullable: true,
    description:
      'Creates a key that only brings newcomers in: the first publish by it of a host that is not known is answered with a `token` of that agent, which speaks for that host alone.',
    args: {
      input: t.arg({ type: CreateEnrollmentKeyInput, required: true, description: 'The enrollment key to create.' }),
    },
    resolve: (_root, { input }, { core, viewer }) => prefixInputErrors(createEnrollmentKey(core, viewer, input)),
  }),
);

const RevokeApiKeyInput = builder.inputType('RevokeApiKeyInput', {
  description: 'The API key to revoke.',
  fields: (t) => ({
    apiKeyId: t.id({
      required: true,
      description: 'The id of the key: `key-` and 12 hex digits. NOT_FOUND where there is none that you may see.',
    }),
    domainId: t.id({ description: domainIdDescription.target }),
    cascade: t.boolean({
      description:
        'Whether the keys that this key made, and those that these made, are revoked too. Default: false, so that they stay.',
    }),
  }),
});

const RevokeApiKeyPayload = builder.objectRef<RevokedApiKey>('RevokeApiKeyPayload').implement({
  description: 'The answer to `revokeApiKey`.',
  fields: (t) => ({
    apiKey: t.expose('apiKey', {
      type: ApiKey,
      description: 'The revoked key. `madeKeys` are the keys that were made with it.',
    }),
    revokedMadeKeys: t.exposeInt('revokedMadeKeys', {
      description: 'The number of other keys that were revoked with it; 0 without `cascade`.',
    }),
  }),
});

builder.mutationField('revokeApiKey', (t) =>
  t.field({
    type: RevokeApiKeyPayload,
    authScopes: { operate: true },
    nullable: true,
    description:
      'Revokes an API key for good, on every replica within 5 seconds. Subscriptions opened with the key end too. A revoked key stays as it is.',
    args: { input: t.arg({ type: RevokeApiKeyInput, required: true, description: 'The API key to revoke.' }) },
    resolve: (_root, { input }, { core, viewer }) => prefixInputErrors(revokeApiKey(core, viewer, input)),
  }),
);
