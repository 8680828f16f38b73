import { createAgentToken, type MadeAgentToken } from '@muster/core';
import { builder } from '../builder.ts';
import { domainIdDescription } from '../inputs/domainId.ts';
import { ApiKey } from './apiKey.ts';
import { inputMutation } from './inputMutation.ts';

const CreateAgentTokenPayload = builder.objectRef<MadeAgentToken>('CreateAgentTokenPayload').implement({
  description: 'The answer to `createAgentToken`.',
  fields: (t) => ({
    apiKey: t.expose('apiKey', {
      type: ApiKey,
      nullable: true,
      description:
        'The API key that the token is: it is listed and revoked as every other. Null while the server runs open: it takes every token then, and no key is stored, since the first one would close the server. Once credentials are asked for, such a token counts for nothing.',
    }),
    token: t.exposeString('token', {
      description: 'The token: a JWT of three parts. It is shown only here: Muster stores a hash.',
    }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime', description: 'The time when the token expires.' }),
  }),
});

inputMutation('createAgentToken', {
  description:
    'Creates a token for an agent that takes JWTs alone, as those of `spaceone.api.plugin.v1` do: it has the claims `sub`, `role` (SUPERVISOR), `domain_id`, `did`, `host` and `exp`, and speaks for one host. Other agents get a key by `createApiKey`. LIMIT where the domain has as many keys as it may have.',
  inputDescription: 'The agent to create a token for.',
  payload: CreateAgentTokenPayload,
  fields: (t) => ({
    hostname: t.string({ required: true, description: 'The only host that the agent speaks for.' }),
    domainId: t.id({ description: domainIdDescription.single }),
    name: t.string({ description: 'The purpose of the token, in words for people. Default: the hostname.' }),
    expiresAt: t.field({
      type: 'DateTime',
      description:
        'The time when the token expires; where your own key expires, no later than that. Default: one year from now, or when your own key expires.',
    }),
  }),
  run: createAgentToken,
});
