import { defaultPoolSize, leastPoolSize } from '@muster/db';
import { variable, wholeNumber } from './variable.ts';

/** The settings that bound the work of operations (docs/limits.md, "Work"). */
export const workVariables = {
  MUSTER_DATABASE_POOL_SIZE: variable({
    schema: wholeNumber(leastPoolSize, 1_000),
    fallback: String(defaultPoolSize),
    description: 'All connections to PostgreSQL. Lanes have fixed shares of them: see docs/limits.md, "Lanes".',
  }),
  MUSTER_OPERATION_TIMEOUT_SECONDS: variable({
    schema: wholeNumber(1, 600),
    fallback: '10',
    description:
      'How long an operation may take, in seconds; after that it ends with TIMED_OUT. Waits and streams are apart.',
  }),
  MUSTER_MAX_OPERATIONS_PER_CREDENTIAL: variable({
    schema: wholeNumber(1, 100_000),
    fallback: '16',
    description:
      'The operations of one credential that run at a time; costly ones count as several, reports and streams not at all. Further ones wait.',
  }),
  MUSTER_MAX_OPERATIONS_PER_DOMAIN: variable({
    schema: wholeNumber(1, 100_000),
    fallback: '64',
    description:
      'The operations of one domain that run at a time, counted as those of a credential. Further ones wait.',
  }),
  MUSTER_MAX_QUEUED_OPERATIONS_PER_DOMAIN: variable({
    schema: wholeNumber(2, 1_000_000),
    fallback: '1000',
    description:
      'The operations of one domain that may wait, at most half of them of one credential; a further one ends with RATE_LIMITED.',
  }),
  MUSTER_MAX_WAITS_PER_CREDENTIAL: variable({
    schema: wholeNumber(1, 100_000),
    fallback: '200',
    description:
      "The waits for a plugin's endpoint (`waitSeconds`) of one credential at a time; a further one ends with RATE_LIMITED.",
  }),
};
