import { flag, variable, wholeNumber } from './variable.ts';

/** The settings of a start (docs/operations.md, O8 and O9). */
export const startVariables = {
  MUSTER_START_TIMEOUT_SECONDS: variable({
    schema: wholeNumber(0, 3_600),
    fallback: '60',
    description:
      'How long a start, and `muster migrate`, wait for a database that is away, in seconds; then they end with 1.',
  }),
  MUSTER_MIGRATE: variable({
    schema: flag,
    fallback: 'true',
    description:
      'Whether a start applies the migrations that the database lacks. `false`: it refuses such a database, and `muster migrate` applies them.',
  }),
};
