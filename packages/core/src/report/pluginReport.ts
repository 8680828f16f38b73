import { z } from 'zod';
import { DomainError, type ErrorCode } from '../base/errors.ts';
import { newPluginInstanceId } from '../base/ids.ts';
import type { Limits } from '../base/settings.ts';
import { domainId, isStorable, parse, perLimits, text } from '../base/validate.ts';
import { reportedEvents, type WirePluginState } from '../plugin/lifecycle.ts';
import { endpointOrNoneSchema, endpointSchema, isNoEndpoint } from './endpointForm.ts';
import type { NewReportedPlugin } from './sql/reportRow.ts';

/** An agent's report of one plugin. */
export type PluginReport = z.input<ReturnType<typeof pluginReportSchema>>;

/** P7: a plugin, or a field, of a report that was refused; the rest of the report was taken. */
export interface RejectedPluginReport {
  /** The plugin's index in the report, from 0; -1 for a field of the report itself. */
  index: number;
  /** The refused field of the report itself; null for a plugin. */
  field: 'isPublic' | null;
  pluginId: string | null;
  version: string | null;
  code: ErrorCode;
  message: string;
}

/** Parses each plugin of a report by itself (P7). */
export function parsePluginReports(
  reports: readonly unknown[],
  limits: Limits,
): { plugins: NewReportedPlugin[]; rejected: RejectedPluginReport[] } {
  const schema = pluginReportSchema(limits);
  const plugins: NewReportedPlugin[] = [];
  const rejected: RejectedPluginReport[] = [];
  const seen = new Map<string, number>();
  for (const [index, report] of reports.entries()) {
    try {
      const plugin = toRow(parse(schema, report), limits);
      // Neither text contains NUL.
      const named = `${plugin.pluginId}\0${plugin.version}`;
      const identity = `${named}\0${plugin.domainId ?? ''}`;
      // P9: a report without a domain speaks for all of them, so none may stand beside it.
      const earlier = seen.get(identity) ?? seen.get(plugin.domainId === null ? named : `${named}\0`);
      if (earlier !== undefined) {
        throw new DomainError('BAD_USER_INPUT', `expected each plugin once; got the one at index ${earlier} again`);
      }
      seen.set(identity, index);
      seen.set(named, index);
      plugins.push(plugin);
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      rejected.push({ index, field: null, ...identityOf(report), code: error.code, message: error.message });
    }
  }
  return { plugins, rejected };
}

const pluginReportSchema = perLimits((limits) => {
  return z.object({
    pluginId: text(limits.pluginIdLength),
    version: text(limits.pluginIdLength),
    /** P9: the domain whose plugin is meant, as the agent's list names it. Default: every domain's. */
    domainId: domainId.nullish(),
    state: z
      .enum(Object.keys(reportedEvents) as WirePluginState[])
      .refine((state) => reportedEvents[state] !== null, 'expected PROVISIONING, ACTIVE, RE_PROVISIONING or ERROR'),
    /** Agents send an empty text where they have no endpoint yet. */
    endpoint: endpointOrNoneSchema(limits.endpointLength).nullish(),
    /** All addresses; `endpoint` is the first of them where only one of the two fields is given. */
    endpoints: z
      .array(endpointSchema(limits.endpointLength))
      .max(limits.endpointsPerPlugin, `expected at most ${limits.endpointsPerPlugin} endpoints`)
      .nullish(),
    message: z.string().nullish(),
    /** P3: the generation that the report is about. */
    observedGeneration: z.int().min(0).max(2_147_483_647).nullish(),
  });
});

function toRow(report: z.output<ReturnType<typeof pluginReportSchema>>, limits: Limits): NewReportedPlugin {
  const given = report.endpoint ?? '';
  const first = isNoEndpoint(given) ? null : given;
  const endpoints = report.endpoints?.filter((endpoint) => !isNoEndpoint(endpoint)) ?? (first === null ? [] : [first]);
  return {
    instanceId: newPluginInstanceId(),
    pluginId: report.pluginId,
    version: report.version,
    domainId: report.domainId ?? null,
    state: report.state,
    endpoint: first ?? endpoints[0] ?? null,
    endpoints,
    message: cutMessage(report.message ?? '', limits.messageLength) || null,
    observedGeneration: report.observedGeneration ?? null,
  };
}

/** The message, cut between characters, and without the characters that PostgreSQL can't store. */
function cutMessage(message: string, length: number): string {
  if (message.length <= length && isStorable(message)) return message;
  return [...message.slice(0, 2 * length).replaceAll('\0', '')].slice(0, length).join('').toWellFormed();
}

/** The plugin id and version of a rejected report; null where they are no texts, cut where they are too long. */
function identityOf(report: unknown): { pluginId: string | null; version: string | null } {
  const { pluginId, version } = (report ?? {}) as Record<string, unknown>;
  const short = (value: unknown) => (typeof value === 'string' ? value.slice(0, 255) : null);
  return { pluginId: short(pluginId), version: short(version) };
}
