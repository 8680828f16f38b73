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
import { type Core, type CoreInternals, internalsOf } from '../core.ts';
import { jittered, leaseMs, publishIntervalMs } from '../liveness/pacing.ts';
import { checkPluginReports, type PluginReport, type RejectedPluginReport } from './pluginReport.ts';
import { newSalt, secretDigest } from './secret.ts';
import type { PublishStatus, ReportedPluginRow, ReportRow } from './sql/publishReports.ts';

/** An agent's publish: the agent itself, and every plugin that it runs. */
export type PublishInput = DomainInput & z.input<ReturnType<typeof publishSchema>>;

/** The answer to a publish. */
export interface PublishResult {
  supervisor: Supervisor;
  rejected: RejectedPluginReport[];
  /** L3: when the agent should publish next. */
  nextPublishInMs: number;
}

/** How often a report is run again after another made the same supervisor at the same time. */
const maxRaces = 3;

/**
 * An agent says that it lives, and what it runs: makes the supervisor at first, renews its lease, and brings its
 * plugins to what was reported (S2, S3, S6, L1, L2, P3, P4, P6, P7).
 */
export async function publishSupervisor(
  core: Core,
  viewer: Viewer,
  input: Unchecked<PublishInput>,
): Promise<PublishResult> {
  const internals = internalsOf(core);
  const domainId = domainFor(viewer, 'publish', input.domainId);
  const checked = parse(publishSchema(core.settings.limits), input);
  const { rows, rejected } = checkPluginReports(checked.plugins ?? [], core.settings.limits, 0);
  const intervalMs = publishIntervalMs(core.settings, await internals.liveSupervisors.count());
  const secret = checked.secretKey ?? null;
  const report: OwnReport = {
    index: 0,
    domainId,
    hostname: checked.hostname,
    name: checked.name,
    isPublic: checked.isPublic ?? null,
    labels: checked.labels ?? null,
    tags: checked.tags ?? null,
    secretDigest: secret === null ? null : secretDigest(secret),
    salt: secret === null ? null : newSalt(),
    mayMakePublic: can(viewer, 'administer'),
    actor: viewer.subject,
    bootId: checked.bootId ?? null,
    hasPlugins: checked.plugins != null,
    leaseMs: leaseMs(core.settings, intervalMs),
  };
  const supervisor = await take(internals, report, rows);
  return { supervisor, rejected, nextPublishInMs: jittered(intervalMs, internals.random) };
}

/** A report before it has an id for its supervisor, should that be new: each try has its own. */
type OwnReport = Omit<ReportRow, 'supervisorId'>;

async function take(core: CoreInternals, report: OwnReport, plugins: ReportedPluginRow[]): Promise<Supervisor> {
  for (let races = 0; ; races++) {
    const answer = await core.reports.take({ ...report, supervisorId: newSupervisorId() }, plugins);
    if (answer.status === 'ACCEPTED' && answer.supervisor) return supervisorFromRow(answer.supervisor);
    if (answer.status !== 'RACED' || races >= maxRaces) throw refusal(answer.status, report);
  }
}

function refusal(status: PublishStatus, report: OwnReport): DomainError {
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
    isPublic: z.boolean().nullish(),
    labels: jsonObject(limits).nullish(),
    tags: jsonObject(limits).nullish(),
    /** Every plugin that the agent runs, each checked by itself (P7); null for a heartbeat that says nothing of plugins. */
    plugins: z
      .array(z.custom<PluginReport>())
      .max(limits.pluginsPerReport, `expected at most ${limits.pluginsPerReport} plugins`)
      .nullish(),
    /** S8: names one run of the agent. */
    bootId: text(limits.nameLength).nullish(),
  });
});
