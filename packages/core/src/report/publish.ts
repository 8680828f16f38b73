import type { Supervisor } from '@muster/db';
import { z } from 'zod';
import type { DomainInput } from '../access/domainInput.ts';
import { can, domainFor } from '../access/policy.ts';
import type { Viewer } from '../access/viewer.ts';
import { DomainError, forbidden } from '../base/errors.ts';
import { newSupervisorId } from '../base/ids.ts';
import { supervisorFromRow } from '../base/rows.ts';
import type { Unchecked } from '../base/unchecked.ts';
import { jsonObject, parse, perLimits, text } from '../base/validate.ts';
import { type Core, internalsOf } from '../core.ts';
import { currentPace, jittered } from '../liveness/pacing.ts';
import { type PluginReport, parsePluginReports, type RejectedPluginReport } from './pluginReport.ts';
import type { ReportBatcher } from './reportBatcher.ts';
import { newSalt, secretDigest } from './secret.ts';
import type { PublishStatus } from './sql/publishReports.ts';
import type { NewReport, NewReportedPlugin } from './sql/reportRow.ts';

/** An agent's publish: the agent itself, and every plugin that it runs. */
export type PublishInput = DomainInput & z.input<ReturnType<typeof publishSchema>>;

/** The answer to a publish. */
export interface PublishResult {
  supervisor: Supervisor;
  rejected: RejectedPluginReport[];
  /** L3: when the agent should publish next. */
  nextPublishInMs: number;
}

/**
 * Takes an agent's report: creates the supervisor of a newcomer, renews the lease, and brings the plugins to the states
 * that were reported (S2, S3, S6, L1, L2, P3, P4, P6, P7).
 */
export async function publishSupervisor(
  core: Core,
  viewer: Viewer,
  input: Unchecked<PublishInput>,
): Promise<PublishResult> {
  const internals = internalsOf(core);
  const domainId = domainFor(viewer, 'publish', input.domainId);
  const mayMakePublic = can(viewer, 'administer');
  const parsed = parse(publishSchema(core.settings.limits), input);
  const { plugins, rejected } = parsePluginReports(parsed.plugins ?? [], core.settings.limits);
  const pace = await currentPace(internals);
  const nextPublishInMs = jittered(pace.intervalMs, internals.random);
  const secret = parsed.secretKey ?? null;
  const report = {
    domainId,
    hostname: parsed.hostname,
    name: parsed.name,
    isPublic: parsed.isPublic ?? null,
    labels: parsed.labels ?? null,
    tags: parsed.tags ?? null,
    secretDigest: secret === null ? null : secretDigest(secret),
    salt: secret === null ? null : newSalt(),
    mayMakePublic,
    actor: viewer.subject,
    bootId: parsed.bootId ?? null,
    hasPlugins: parsed.plugins != null,
    leaseMs: pace.leaseMs,
  };
  const supervisor = await takeReport(internals.reports, report, plugins);
  return { supervisor, rejected, nextPublishInMs };
}

/** How often a report is run again after another created the same supervisor at the same time. */
const maxRaces = 3;

/** A report before a try gives its supervisor an id, should that be new. */
type ReportWithoutId = Omit<NewReport, 'supervisorId'>;

async function takeReport(
  batcher: ReportBatcher,
  report: ReportWithoutId,
  plugins: readonly NewReportedPlugin[],
): Promise<Supervisor> {
  for (let races = 0; ; races++) {
    const answer = await batcher.take({ ...report, supervisorId: newSupervisorId() }, plugins);
    if (answer.status === 'ACCEPTED' && answer.supervisor) return supervisorFromRow(answer.supervisor);
    if (answer.status !== 'RACED' || races >= maxRaces) throw refusal(answer.status, report);
  }
}

function refusal(status: PublishStatus, report: ReportWithoutId): DomainError {
  switch (status) {
    case 'WRONG_SECRET': {
      const came = report.secretDigest === null ? 'none' : 'another one';
      const viewer = { subject: report.actor };
      return forbidden(viewer, `expected the secret key that ${report.hostname} was created with; got ${came}`);
    }
    case 'MAY_NOT_MAKE_PUBLIC':
      return forbidden({ subject: report.actor }, 'only an ADMIN makes a supervisor public; got isPublic: true');
    default:
      return new DomainError(
        'UNAVAILABLE',
        `${report.hostname} is being published by others at the same time; try again`,
      );
  }
}

const publishSchema = perLimits((limits) => {
  return z.object({
    name: text(limits.nameLength),
    hostname: text(limits.nameLength),
    /** S6. */
    secretKey: text(1_024).nullish(),
    /** S7: for an ADMIN only. */
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
  });
});
