/** The limits of domain.md ("Limits"). Those marked with "database" have an upper bound in its constraints. */
export interface Limits {
  /** Characters in a supervisor's name or hostname. At most 255 (database). */
  nameLength: number;
  /** Characters in a plugin id or a version. At most 255 (database). */
  pluginIdLength: number;
  /** Characters in one endpoint. At most 2,048 (database). */
  endpointLength: number;
  /** Endpoints a plugin. At most 64 (database). */
  endpointsPerPlugin: number;
  /** Characters in a plugin's message; a longer one is cut, not refused: it matters most when everything is broken. */
  messageLength: number;
  /** Keys in labels, and in tags. */
  objectKeys: number;
  /** Bytes of labels, and of tags, as JSON. */
  objectBytes: number;
  /** Plugins in one report. */
  pluginsPerReport: number;
  /** Rows in one page of a list. */
  pageSize: number;
  /** Rows in one page of a list, or of statistics, of the REST and gRPC interface. */
  wirePageSize: number;
  /** W3: bytes of the data of one answer, as JSON. */
  answerBytes: number;
  /** Milliseconds that one statistics query may take in the database. PGlite can't be interrupted, so it has no limit. */
  statisticsMs: number;
  /** Ids in one `nodes` query. */
  nodeIds: number;
  /** Things that a gateway may ask for at once. */
  representations: number;
  /** Nodes in one filter, counting each condition and each and, or, not. */
  filterNodes: number;
  /** Values in one filter: those of all conditions together, the values within JSON counted one by one. */
  filterOperands: number;
  /** Rows of one bulk change. */
  bulkItems: number;
  /** Seconds that a caller may wait for an endpoint. */
  endpointWaitSeconds: number;
  /** Supervisors that the refusal of a placement lists. */
  consideredSupervisors: number;
}

/** The upper bounds in the constraints of prisma/migrations. */
const databaseLimits = {
  nameLength: 255,
  pluginIdLength: 255,
  endpointLength: 2_048,
  endpointsPerPlugin: 64,
} as const satisfies Partial<Limits>;

/**
 * Refuses limits above the database's, which would let through input that the database refuses with an internal error.
 *
 * @throws RangeError that names the limit, the allowed maximum and the given value.
 */
export function refuseLimitsBeyondDatabase(limits: Limits): void {
  for (const [name, most] of Object.entries(databaseLimits) as [keyof typeof databaseLimits, number][]) {
    const came = limits[name];
    // Negated, so that NaN is refused too.
    if (!(came <= most)) {
      throw new RangeError(`limits.${name}: expected at most ${most}, which the database allows; got ${came}`);
    }
  }
}

/** The limits unless an operator changes them. */
export const defaultLimits: Limits = {
  nameLength: 255,
  pluginIdLength: 255,
  endpointLength: 2_048,
  endpointsPerPlugin: 64,
  messageLength: 4_096,
  objectKeys: 64,
  objectBytes: 16 * 1024,
  pluginsPerReport: 1_000,
  pageSize: 100,
  wirePageSize: 1_000,
  answerBytes: 8 * 1024 * 1024,
  statisticsMs: 10_000,
  nodeIds: 100,
  representations: 1_000,
  filterNodes: 100,
  filterOperands: 1_000,
  bulkItems: 1_000,
  endpointWaitSeconds: 300,
  consideredSupervisors: 100,
};

/** A8: how much a domain may have; past it, an operation that would make more ends with LIMIT. */
export interface Quotas {
  /** Supervisors. Default 100,000. */
  supervisors: number;
  /** Supervisors that were never registered. Default 1,000. */
  newcomers: number;
  /** Plugins that its supervisors report, or that are placed for it. Default 200,000. */
  plugins: number;
  /** API keys that neither ended nor were revoked. Default 100,000, since each supervisor may have one. */
  keys: number;
  /** Releases that were not retired; as many for all domains. Default 10,000. */
  releases: number;
  /** Deployments. Default 1,000. */
  deployments: number;
}

const defaultQuotas: Quotas = {
  supervisors: 100_000,
  newcomers: 1_000,
  plugins: 200_000,
  keys: 100_000,
  releases: 10_000,
  deployments: 1_000,
};

/** The settings of the domain. */
export interface Settings {
  /** Bounds of input and of answers. */
  limits: Limits;
  /** L3: the publish interval of a small fleet. Default 10 s. */
  publishIntervalMs: number;
  /** L3: the publishes a second that the whole fleet stays under, by a longer interval. Default 500. */
  publishesPerSecond: number;
  /** L3: the shortest lease. Default 300 s; it is also at least 3 intervals. */
  leaseSeconds: number;
  /** P5: how long a plugin may be PROVISIONING or RE_PROVISIONING. Default 600 s. */
  provisioningDeadlineSeconds: number;
  /** P5: attempts for one generation, the first included, before the plugin stays in ERROR. Default 10. */
  restartBudget: number;
  /** P5: the pause before the second attempt, doubled before each further one. Default 30 s. */
  attemptBackoffSeconds: number;
  /** P5: the longest pause between two attempts. Default 1 h. */
  attemptBackoffMaxSeconds: number;
  /** L6: the share of a domain's registered supervisors that may expire together. Default 0.55. */
  holdShare: number;
  /** L6: the registered supervisors that a domain must have for the share to count. Default 10. */
  holdMinimum: number;
  /** S8: DUPLICATE_AGENT goes after this time without agents that take turns. Default 120 s. */
  duplicateQuietSeconds: number;
  /** S6: wrong secrets of one credential for one supervisor within a minute, before further ones are refused. Default 10. */
  secretGuessesPerMinute: number;
  /** S9: IDENTITY_REFUSED goes after this time without a refusal. Default 1 h. */
  identityQuietSeconds: number;
  /** A8: the most of each that one domain may have. */
  quotas: Quotas;
  /** List requests in a row without a publish after which an agent counts as silent. Default 3. */
  silentLists: number;
  /** Minimum duration of list requests without a publish before an agent counts as silent. Default 60 s; at least 3
   * publish intervals. */
  silentSeconds: number;
  /** P6: reports in a row that must lack a plugin for it to count as missing. Default 3. */
  missingReports: number;
  /** P6: the minimum duration over which those reports lack the plugin. Default 60 s. */
  missingSeconds: number;
  /** E4: how often the log is read without a notification, as a fallback. Default 5 s. */
  eventPollMs: number;
  /** E3: how long history is kept. Default 7 days. */
  eventRetentionDays: number;
  /** E5: events that may wait for one subscription. Default 1,000. */
  subscriptionBufferEvents: number;
  /**
   * How long a supervisor may stay DISCONNECTED until its managed plugins are placed elsewhere; 0 leaves them. Default 0.
   */
  replaceAfterSeconds: number;
  /** S11: days that a supervisor may stay DISCONNECTED which was never registered; then it is deleted. 0: for ever. Default 7. */
  forgetNewcomersDays: number;
  /** S11: the same of registered ones, which go with their plugins. Default 0: they stay. */
  forgetDisconnectedDays: number;
  /** How often expired leases and passed deadlines are looked for. Default 5 s. */
  sweepIntervalMs: number;
}

/** The settings unless an operator changes them. */
export const defaultSettings: Settings = {
  limits: defaultLimits,
  publishIntervalMs: 10_000,
  publishesPerSecond: 500,
  leaseSeconds: 300,
  provisioningDeadlineSeconds: 600,
  restartBudget: 10,
  attemptBackoffSeconds: 30,
  attemptBackoffMaxSeconds: 3_600,
  holdShare: 0.55,
  holdMinimum: 10,
  duplicateQuietSeconds: 120,
  secretGuessesPerMinute: 10,
  identityQuietSeconds: 3_600,
  quotas: defaultQuotas,
  silentLists: 3,
  silentSeconds: 60,
  missingReports: 3,
  missingSeconds: 60,
  eventPollMs: 5_000,
  eventRetentionDays: 7,
  subscriptionBufferEvents: 1_000,
  replaceAfterSeconds: 0,
  forgetNewcomersDays: 7,
  forgetDisconnectedDays: 0,
  sweepIntervalMs: 5_000,
};
