import { newPluginInstanceId, newSupervisorId } from '../src/base/ids.ts';
import type { ReportedPluginRow, ReportRow } from '../src/report/sql/reportRow.ts';
import type { TestDomain } from './testCore.ts';

/** A heartbeat's row, as the batcher takes it. */
export function reportRow(domain: TestDomain, hostname: string, values: Partial<ReportRow> = {}): ReportRow {
  return {
    index: 0,
    supervisorId: newSupervisorId(),
    domainId: domain.domainId,
    hostname,
    name: hostname,
    isPublic: null,
    labels: null,
    tags: null,
    secretDigest: null,
    salt: null,
    actor: 'agent',
    bootId: null,
    sequence: null,
    hasPlugins: true,
    leaseMs: 300_000,
    digest: null,
    ...values,
  };
}

/** A plugin's row of a report: `collector 1.0`, ACTIVE, unless `values` say otherwise. */
export function pluginRow(values: Partial<ReportedPluginRow> = {}): ReportedPluginRow {
  return {
    index: 0,
    instanceId: newPluginInstanceId(),
    pluginId: 'collector',
    version: '1.0',
    domainId: null,
    state: 'ACTIVE',
    endpoint: null,
    endpoints: [],
    message: null,
    observedGeneration: null,
    ...values,
  };
}
