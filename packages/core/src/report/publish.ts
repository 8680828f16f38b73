import type { Supervisor } from '@muster/db';
import { z } from 'zod';
import type { DomainInput } from '../access/domainInput.ts';
import { can, domainFor } from '../access/policy.ts';
import type { Viewer } from '../access/viewer.ts';
import { DomainError, supervisorLimit } from '../base/errors.ts';
import { newSupervisorId } from '../base/ids.ts';
import { supervisorFromRow } from '../base/rows.ts';
import type { Unchecked } from '../base/unchecked.ts';
import { anyText, jsonObject, parse, perLimits, text } from '../base/validate.ts';
import { refuseBlocked } from '../block/blockedHostnames.ts';
import { type Core, type CoreInternals, internalsOf } from '../core.ts';
import { refuseSecret, requireIdentity } from '../identity/identity.ts';
import { newSalt, secretDigest } from '../identity/secret.ts';
import { currentPace, jittered } from '../liveness/pacing.ts';
import { enroll, NotEnrolled } from './enroll.ts';
import { type PluginReport, parsePluginReports, type RejectedPluginReport } from './pluginReport.ts';
import type { PublishAnswer, PublishStatus } from './sql/publishReports.ts';
import type { NewReport, NewReportedPlugin } from './sql/reportRow.ts';

/** An agent's publish: the agent itself, and every plugin that it runs. */
export type PublishInput = DomainInput & z.input<ReturnType<typeof publishSchema>>;

/** The answer to a publish. */
export interface PublishResult {
  supervisor: Supervisor;
  rejected: RejectedPluginReport[];
  /** L3: when the agent should publish next. */
  nextPublishInMs: number;
  /** A7: the token of the newcomer's own key, shown once; null but for a newcomer that an enrollment key brings in. */
  token: string | null;
}

/**
 * Takes an agent's report: creates the supervisor of a newcomer, renews the lease, and brings the plugins to the states
 * that were reported (S2, S3, S6, L1, L2, P3, P4, P6, P7). An enrollment key's report is its newcomer's first (A7).
 *
 * @throws DomainError FORBIDDEN for a missing or wrong secret, or a host that the credential doesn't speak for (S9);
 * LIMIT past the domain's quota (A8)
 */
export async function publishSupervisor(
  core: Core,
  viewer: Viewer,
  input: Unchecked<PublishInput>,
): Promise<PublishResult> {
  const internals = internalsOf(core);
  const domainId = domainFor(viewer, 'publish', input.domainId);
  const parsed = parse(publishSchema(core.settings.limits), input);
  const reports = parsed.plugins ?? [];
  const { plugins, rejected } = parsePluginReports(reports, core.settings.limits);
  const secret = parsed.secretKey ?? null;
  await requireIdentity(internals, viewer, { domainId, hostname: parsed.hostname }, secret !== null);
  const { isPublic, asksTooMuch } = publicityOf(viewer, parsed);
  const pace = await currentPace(internals);
  const nextPublishInMs = jittered(pace.intervalMs, internals.random);
  const report = {
    domainId,
    hostname: parsed.hostname,
    name: parsed.name,
    isPublic,
    labels: parsed.labels ?? null,
    tags: parsed.tags ?? null,
    secretDigest: secret === null ? null : secretDigest(secret),
    salt: secret === null ? null : newSalt(),
    actor: viewer.subject,
    bootId: parsed.bootId ?? null,
    sequence: parsed.sequence ?? null,
    hasPlugins: parsed.plugins != null,
    leaseMs: pace.leaseMs,
  };
  const { answer, token } = viewer.enrolls
    ? await takeNewcomer(internals, viewer, report, plugins)
    : { answer: await takeReport(internals, report, plugins), token: null };
  if (answer.status !== 'ACCEPTED' || !answer.supervisor) throw await refuse(internals, viewer, report, answer.status);
  if (secret !== null) internals.guesses.succeeded(viewer, report);
  const supervisor = supervisorFromRow(answer.supervisor);
  return {
    supervisor,
    rejected: [
      ...(asksTooMuch && !supervisor.isPublic ? [refusedPublicity] : []),
      ...rejected,
      ...refusedReports(internals, reports, plugins, answer),
    ],
    nextPublishInMs,
    token,
  };
}

/** How often a report is run again after another created the same supervisor at the same time. */
const maxRaces = 3;

/** A report before a try gives its supervisor an id, should that be new. */
type ReportWithoutId = Omit<NewReport, 'supervisorId'>;

async function takeReport(
  { reports }: CoreInternals,
  report: ReportWithoutId,
  plugins: readonly NewReportedPlugin[],
): Promise<PublishAnswer> {
  for (let races = 0; ; races++) {
    const answer = await reports.take({ ...report, supervisorId: newSupervisorId() }, plugins);
    if (answer.status !== 'RACED' || races >= maxRaces) return answer;
  }
}

async function takeNewcomer(
  core: CoreInternals,
  viewer: Viewer,
  report: ReportWithoutId,
  plugins: readonly NewReportedPlugin[],
): Promise<{ answer: PublishAnswer; token: string | null }> {
  try {
    return await enroll(core, viewer, report, plugins);
  } catch (error) {
    if (error instanceof NotEnrolled) return { answer: error.answer, token: null };
    throw error;
  }
}

/** S7: the publicity that counts as proposed, and whether the viewer proposed one that it may not give. */
function publicityOf(viewer: Viewer, { isPublic }: Pick<PublishInput, 'isPublic'>) {
  const asksTooMuch = isPublic === true && !can(viewer, 'administer');
  return { isPublic: asksTooMuch ? null : (isPublic ?? null), asksTooMuch };
}

/** P7: the publicity that only an ADMIN may propose. A supervisor that is public already is as its agent says. */
const refusedPublicity: RejectedPluginReport = {
  index: -1,
  field: 'isPublic',
  pluginId: null,
  version: null,
  code: 'FORBIDDEN',
  message: 'expected an ADMIN to make the supervisor public; got true from another role',
};

/** P7: the well-formed plugins that got no row, with the reason for each. */
function refusedReports(
  core: CoreInternals,
  reports: readonly unknown[],
  plugins: readonly NewReportedPlugin[],
  { refusedPlugins }: PublishAnswer,
): RejectedPluginReport[] {
  const { plugins: limit } = core.settings.quotas;
  return (refusedPlugins ?? []).map(({ instanceId, isForeign }) => {
    const plugin = plugins.find((own) => own.instanceId === instanceId);
    if (!plugin) throw new Error(`${instanceId} was not reported`);
    const { pluginId, version, domainId } = plugin;
    return {
      index: reports.findIndex((own) => isReportOf(own, plugin)),
      field: null,
      pluginId,
      version,
      ...(isForeign
        ? { code: 'NOT_FOUND' as const, message: `no plugin ${pluginId} ${version} of domain ${domainId}` }
        : { code: 'LIMIT' as const, message: `expected at most ${limit} plugins in a domain` }),
    };
  });
}

function isReportOf(report: unknown, { pluginId, version, domainId }: NewReportedPlugin): boolean {
  const own = report as PluginReport;
  return own.pluginId === pluginId && own.version === version && (own.domainId ?? null) === domainId;
}

async function refuse(
  core: CoreInternals,
  viewer: Viewer,
  report: ReportWithoutId,
  status: PublishStatus,
): Promise<DomainError> {
  const { supervisors, newcomers } = core.settings.quotas;
  switch (status) {
    case 'BLOCKED':
      return refuseBlocked(viewer, report.hostname);
    case 'WRONG_SECRET':
      return refuseSecret(core, viewer, report, report.secretDigest !== null);
    case 'TOO_MANY_SUPERVISORS':
      return supervisorLimit(report.domainId, supervisors);
    case 'TOO_MANY_NEWCOMERS':
      return new DomainError(
        'LIMIT',
        `expected at most ${newcomers} supervisors in domain ${report.domainId} that were never registered`,
        { quota: 'newcomers', limit: newcomers },
      );
    default:
      return new DomainError(
        'UNAVAILABLE',
        `${report.hostname} is being published by others at the same time; try again`,
      );
  }
}

const publishSchema = perLimits((limits) => {
  return z
    .object({
      name: text(limits.nameLength),
      hostname: text(limits.nameLength),
      /** S6. */
      secretKey: anyText(1_024).nullish(),
      /** S7: true is for an ADMIN only, and refused from others alone (P7). */
      isPublic: z.boolean().nullish(),
      labels: jsonObject(limits).nullish(),
      tags: jsonObject(limits).nullish(),
      /**
       * Every plugin that the agent runs, each parsed by itself (P7); null for a heartbeat that says nothing of plugins.
       */
      plugins: z
        .array(z.custom<PluginReport>())
        .max(limits.pluginsPerReport, `expected at most ${limits.pluginsPerReport} plugins`)
        .nullish(),
      /** S8: names one run of the agent. */
      bootId: text(limits.nameLength).nullish(),
      /**
       * S12: grows with each report of one run. A report that is no newer than the last one taken is answered and changes
       * nothing, not even the lease. Default: the report is taken.
       */
      sequence: z.int32().min(0).nullish(),
    })
    .refine(({ sequence, bootId }) => sequence == null || bootId != null, {
      path: ['bootId'],
      message: 'expected the run that the sequence number is of',
    });
});
