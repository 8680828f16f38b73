import type { reportedEvents } from '../../plugin/lifecycle.ts';

/** One agent's report, parsed, as the statement reads it. */
export interface ReportRow {
  /** The report's index among those of one statement; its answer carries it. */
  index: number;
  /** The id of the supervisor, should it be a newcomer. */
  supervisorId: string;
  domainId: string;
  hostname: string;
  name: string;
  /** S7: never true of a reporter that may not make the supervisor public. */
  isPublic: boolean | null;
  labels: object | null;
  tags: object | null;
  /** S6: hex of sha256 of the secret; null where the report brings none. */
  secretDigest: string | null;
  /** S6: hex of a salt, used if this report fixes the secret; null where the report brings no secret. */
  salt: string | null;
  actor: string;
  /** S8: names one run of the agent; null from an agent that names none. */
  bootId: string | null;
  /** S12: grows with each report of one run; null from an agent that counts none. */
  sequence: number | null;
  /** False for a bare heartbeat, which says nothing of plugins. */
  hasPlugins: boolean;
  leaseMs: number;
  /** L2: the digest of its plugins (reportDigest.ts); null for a report that is not noted as settled. */
  digest: string | null;
}

/** One plugin of a report. */
export interface ReportedPluginRow {
  /** The index of its report. */
  index: number;
  /** The instance id of the plugin, should it be new. */
  instanceId: string;
  pluginId: string;
  version: string;
  /** P9: the domain whose plugin is meant; null for the plugins of all domains. */
  domainId: string | null;
  state: keyof typeof reportedEvents;
  endpoint: string | null;
  endpoints: string[];
  message: string | null;
  observedGeneration: number | null;
}

/** A report before a batch gives it an index and its digest. */
export type NewReport = Omit<ReportRow, 'index' | 'digest'>;
/** A plugin of such a report. */
export type NewReportedPlugin = Omit<ReportedPluginRow, 'index'>;

/**
 * The columns of `jsonb_to_recordset` for reports: each field of a row under the field's name, so none can be
 * forgotten.
 */
export const reportColumns = columns({
  index: 'int',
  supervisorId: 'text',
  domainId: 'text',
  hostname: 'text',
  name: 'text',
  isPublic: 'boolean',
  labels: 'jsonb',
  tags: 'jsonb',
  secretDigest: 'text',
  salt: 'text',
  actor: 'text',
  bootId: 'text',
  sequence: 'int',
  hasPlugins: 'boolean',
  leaseMs: 'float8',
  digest: 'text',
} satisfies Record<keyof ReportRow, string>);

/** The same for the plugins of reports. */
export const reportedPluginColumns = columns({
  index: 'int',
  instanceId: 'text',
  pluginId: 'text',
  version: 'text',
  domainId: 'text',
  state: 'text',
  endpoint: 'text',
  endpoints: 'text[]',
  message: 'text',
  observedGeneration: 'int',
} satisfies Record<keyof ReportedPluginRow, string>);

function columns(types: Readonly<Record<string, string>>): string {
  return Object.entries(types)
    .map(([field, type]) => `"${field}" ${type}`)
    .join(', ');
}
