/**
 * The statement's parameters by name. The lifecycles are parameters, made from the tables that the rest of the code
 * reads.
 */
export const parameters = {
  reports: '$1::jsonb',
  plugins: '$2::jsonb',
  /** By situation, the outcome of a publish. */
  publishOutcomes: '$3::jsonb',
  pluginLifecycle: '$4::jsonb',
  clockOffsetMs: '$5::float8',
  reportedEvents: '$6::jsonb',
  /** S6: random bytes that blind a comparison of secrets. */
  nonce: '$7::bytea',
  statesWithDeadline: '$8::text[]::plugin_state[]',
  provisioningDeadlineMs: '$9::float8',
  missingReports: '$10::int',
  missingMs: '$11::float8',
  statesMissingMatters: '$12::text[]::plugin_state[]',
  duplicateQuietMs: '$13::float8',
  lockWaitMs: '$14::int',
  /** A8: how many supervisors, newcomers and plugins a domain may have. */
  supervisorQuota: '$15::int',
  newcomerQuota: '$16::int',
  pluginQuota: '$17::int',
  /** P5: how often a plugin that failed is attempted again, and after which pauses. */
  restartBudget: '$18::int',
  backoffMs: '$19::float8',
  longestBackoffMs: '$20::float8',
} as const;
