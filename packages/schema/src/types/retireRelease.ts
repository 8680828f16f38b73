import { type ReleaseInfo, retireRelease } from '@muster/core';
import { builder } from '../builder.ts';
import { domainIdDescription } from '../inputs/domainId.ts';
import { inputMutation } from './inputMutation.ts';
import { Release } from './release.ts';

inputMutation('retireRelease', {
  description:
    'Retires a release for good: its version is placed no more, and what runs stays. A retired release stays as it is. Only an ADMIN of all domains retires a public release.',
  inputDescription: 'The release to retire.',
  fields: (t) => ({
    releaseId: t.id({
      required: true,
      description:
        'The id of the release: `release-` and 12 hex digits. NOT_FOUND where there is none that you may see.',
    }),
    domainId: t.id({ description: domainIdDescription.target }),
  }),
  payload: builder.objectRef<{ release: ReleaseInfo }>('RetireReleasePayload').implement({
    description: 'The answer to `retireRelease`.',
    fields: (t) => ({
      release: t.expose('release', { type: Release, description: 'The retired release.' }),
    }),
  }),
  run: async (core, viewer, input) => ({ release: await retireRelease(core, viewer, input) }),
});
