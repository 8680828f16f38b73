import { defaultSettings } from '@muster/core';
import { variable, wholeNumber } from './variable.ts';

const { quotas } = defaultSettings;

/** How much one domain may have (A8), and how often secrets may be guessed (S6). */
export const quotaVariables = {
  MUSTER_QUOTA_SUPERVISORS: variable({
    schema: wholeNumber(1, 100_000_000),
    fallback: String(quotas.supervisors),
    description: 'The most supervisors of one domain; a further newcomer is refused with LIMIT.',
  }),
  MUSTER_QUOTA_NEWCOMERS: variable({
    schema: wholeNumber(1, 100_000_000),
    fallback: String(quotas.newcomers),
    description:
      'The most supervisors of one domain that were never registered; a further newcomer is refused with LIMIT.',
  }),
  MUSTER_QUOTA_PLUGINS: variable({
    schema: wholeNumber(1, 100_000_000),
    fallback: String(quotas.plugins),
    description:
      'The most plugins of one domain; a further install is refused with LIMIT, and a further plugin of a report rejected.',
  }),
  MUSTER_QUOTA_KEYS: variable({
    schema: wholeNumber(1, 100_000_000),
    fallback: String(quotas.keys),
    description: 'The most API keys of one domain that are valid; a further one is refused with LIMIT.',
  }),
  MUSTER_QUOTA_RELEASES: variable({
    schema: wholeNumber(1, 100_000_000),
    fallback: String(quotas.releases),
    description:
      'The most releases of one domain that are not retired, and as many for all domains; a further one is refused with LIMIT.',
  }),
  MUSTER_QUOTA_DEPLOYMENTS: variable({
    schema: wholeNumber(1, 100_000_000),
    fallback: String(quotas.deployments),
    description: 'The most deployments of one domain; a further one is refused with LIMIT.',
  }),
  MUSTER_SECRET_GUESSES_PER_MINUTE: variable({
    schema: wholeNumber(1, 1_000_000),
    fallback: String(defaultSettings.secretGuessesPerMinute),
    description:
      'The wrong secret keys of one credential for one supervisor within a minute; further ones are refused with RATE_LIMITED.',
  }),
} as const;
