import { z } from 'zod';
import { DomainError, type ErrorCode } from '../base/errors.ts';
import { newPluginInstanceId } from '../base/ids.ts';
import type { Limits } from '../base/settings.ts';
import { isStorable, parse, perLimits, text } from '../base/validate.ts';
import { reportedEvents, type WirePluginState } from '../plugin/lifecycle.ts';
import type { ReportedPluginRow } from './sql/publishReports.ts';

/** What an agent says of one plugin. */
export interface PluginReport {
  pluginId: string;
  version: string;
  state: WirePluginState;
  endpoint?: string | null | undefined;
  /** All addresses; `endpoint` is the first of them where only one of the two is given. */
  endpoints?: readonly string[] | null | undefined;
  message?: string | null | undefined;
  /** P3: the generation that this report is about. */
  observedGeneration?: number | null | undefined;
}

/** P7: a plugin of a report that could not be taken; the rest of the report was. */
export interface RejectedPluginReport {
  /** Its place in the report. */
  index: number;
  pluginId: string | null;
  version: string | null;
  code: ErrorCode;
  message: string;
}

/** Checks each plugin of a report by itself (P7). `index` is the report's, for the rows. */
export function checkPluginReports(
  reports: readonly unknown[],
  limits: Limits,
  index: number,
): { rows: ReportedPluginRow[]; rejected: RejectedPluginReport[] } {
  const schema = reportSchema(limits);
  const rows: ReportedPluginRow[] = [];
  const rejected: RejectedPluginReport[] = [];
  const seen = new Map<string, number>();
  for (const [place, report] of reports.entries()) {
    try {
      const row = toRow(parse(schema, report), limits, index);
      // Neither of them has such a character.
      const identity = `${row.pluginId}\0${row.version}`;
      const earlier = seen.get(identity);
      if (earlier !== undefined) {
        throw new DomainError('BAD_USER_INPUT', `expected each plugin once; got the one at index ${earlier} again`);
      }
      seen.set(identity, place);
      rows.push(row);
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      rejected.push({ index: place, ...identityOf(report), code: error.code, message: error.message });
    }
  }
  return { rows, rejected };
}

const reportSchema = perLimits((limits) => {
  const endpoint = text(limits.endpointLength);
  return z.object({
    pluginId: text(limits.pluginIdLength),
    version: text(limits.pluginIdLength),
    state: z
      .enum(Object.keys(reportedEvents) as WirePluginState[])
      .refine((state) => reportedEvents[state] !== null, 'expected PROVISIONING, ACTIVE, RE_PROVISIONING or ERROR'),
    // Agents send an empty text where they have no endpoint yet.
    endpoint: z.union([endpoint, z.literal('')], `expected 1 to ${limits.endpointLength} characters`).nullish(),
    endpoints: z
      .array(endpoint)
      .max(limits.endpointsPerPlugin, `expected at most ${limits.endpointsPerPlugin} endpoints`)
      .nullish(),
    message: z.string().nullish(),
    observedGeneration: z.int().min(0).max(2_147_483_647).nullish(),
  });
});

function toRow(report: z.output<ReturnType<typeof reportSchema>>, limits: Limits, index: number): ReportedPluginRow {
  const first = report.endpoint || null;
  const endpoints = report.endpoints ?? (first === null ? [] : [first]);
  return {
    index,
    instanceId: newPluginInstanceId(),
    pluginId: report.pluginId,
    version: report.version,
    state: report.state,
    endpoint: first ?? endpoints[0] ?? null,
    endpoints,
    message: cutMessage(report.message ?? '', limits.messageLength) || null,
    observedGeneration: report.observedGeneration ?? null,
  };
}

/** Cut between characters, not inside one, and without what PostgreSQL can't store. */
function cutMessage(message: string, length: number): string {
  if (message.length <= length && isStorable(message)) return message;
  return [...message.slice(0, 2 * length).replaceAll('\0', '')].slice(0, length).join('').toWellFormed();
}

/** What a rejected report calls itself, as far as that can be told and is fit to send back. */
function identityOf(report: unknown): { pluginId: string | null; version: string | null } {
  const { pluginId, version } = (report ?? {}) as Record<string, unknown>;
  const short = (value: unknown) => (typeof value === 'string' ? value.slice(0, 255) : null);
  return { pluginId: short(pluginId), version: short(version) };
}
