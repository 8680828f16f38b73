import type { Config } from './config.ts';

/** How credentials are asked for and verified, by the configuration. */
export function accessSettings(config: Config) {
  return {
    jwt: {
      secret: config.MUSTER_JWT_SECRET,
      jwksUrl: config.MUSTER_JWKS_URL,
      issuer: config.MUSTER_JWT_ISSUER,
      audience: config.MUSTER_JWT_AUDIENCE,
      clockSkewSeconds: config.MUSTER_JWT_CLOCK_SKEW_SECONDS,
    },
    // Where agents show certificates, their hosts' names are something to guard.
    asksCredentials: config.MUSTER_TLS_CLIENT_CA_FILE !== undefined,
  };
}

/** The settings of the domain, by the configuration. */
export function coreSettings(config: Config) {
  return {
    publishIntervalMs: config.MUSTER_PUBLISH_INTERVAL_MS,
    publishesPerSecond: config.MUSTER_PUBLISHES_PER_SECOND,
    leaseSeconds: config.MUSTER_LEASE_SECONDS,
    provisioningDeadlineSeconds: config.MUSTER_PROVISIONING_DEADLINE_SECONDS,
    replaceAfterSeconds: config.MUSTER_REPLACE_AFTER_SECONDS,
    forgetNewcomersDays: config.MUSTER_FORGET_NEWCOMERS_DAYS,
    forgetDisconnectedDays: config.MUSTER_FORGET_DISCONNECTED_DAYS,
    eventRetentionDays: config.MUSTER_EVENT_RETENTION_DAYS,
    subscriptionBufferEvents: config.MUSTER_SUBSCRIPTION_BUFFER_EVENTS,
    eventPollMs: config.MUSTER_EVENT_POLL_MS,
    sweepIntervalMs: config.MUSTER_SWEEP_INTERVAL_MS,
    limits: { pageSize: config.MUSTER_MAX_PAGE_SIZE, answerBytes: config.MUSTER_MAX_ANSWER_BYTES },
    quotas: {
      supervisors: config.MUSTER_QUOTA_SUPERVISORS,
      newcomers: config.MUSTER_QUOTA_NEWCOMERS,
      plugins: config.MUSTER_QUOTA_PLUGINS,
      keys: config.MUSTER_QUOTA_KEYS,
      releases: config.MUSTER_QUOTA_RELEASES,
      deployments: config.MUSTER_QUOTA_DEPLOYMENTS,
    },
    secretGuessesPerMinute: config.MUSTER_SECRET_GUESSES_PER_MINUTE,
  };
}
