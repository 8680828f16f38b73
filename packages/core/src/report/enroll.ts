import type { Sql } from '@muster/db';
import { rightEnded } from '../access/rightEnded.ts';
import type { Viewer } from '../access/viewer.ts';
import { makeApiKey } from '../apiKey/makeApiKey.ts';
import { DomainError, forbidden } from '../base/errors.ts';
import { newSupervisorId } from '../base/ids.ts';
import type { SupervisorRow } from '../base/rows.ts';
import type { CoreInternals } from '../core.ts';
import { decide, supervisorReasons, updatedReason } from '../supervisor/lifecycle.ts';
import { changeSupervisor } from '../supervisor/sql/changeSupervisor.ts';
import { publishPolicy } from './reportBatcher.ts';
import { findAwaited } from './sql/findAwaited.ts';
import { countNewcomer, type LockedEnrollment, lockEnrollment } from './sql/lockEnrollment.ts';
import { type PublishAnswer, publishReports } from './sql/publishReports.ts';
import type { NewReport, NewReportedPlugin } from './sql/reportRow.ts';

/** The answer to the report of a newcomer that an enrollment key brought in. */
export interface Enrolled {
  readonly answer: PublishAnswer;
  /** The token of the newcomer's key, which can't be read again. */
  readonly token: string;
}

/**
 * A7: takes the first report of a newcomer by an enrollment key, and makes the newcomer a key that is bound to its
 * host; all of it, or nothing. One that was registered before it was seen (S2) counts as a newcomer. An answer that is not ACCEPTED was not carried out.
 *
 * @throws DomainError FORBIDDEN for a host that is known; LIMIT once the key has brought in as many as it may
 */
export function enroll(
  core: CoreInternals,
  viewer: Viewer,
  report: Omit<NewReport, 'supervisorId'>,
  plugins: readonly NewReportedPlugin[],
): Promise<Enrolled> {
  const run = (sql: Sql) => enrollWithin(core, sql, viewer, { report, plugins });
  return core.db.runInLane('reports', () => core.db.transaction(run));
}

async function enrollWithin(
  core: CoreInternals,
  sql: Sql,
  viewer: Viewer,
  { report, plugins }: { report: Omit<NewReport, 'supervisorId'>; plugins: readonly NewReportedPlugin[] },
): Promise<Enrolled> {
  const enrollment = await lockEnrollment(sql, viewer.subject);
  if (!enrollment) throw rightEnded.revoked();
  if (enrollment.newcomers >= enrollment.maxNewcomers) {
    throw new DomainError(
      'LIMIT',
      `expected at most ${enrollment.maxNewcomers} newcomers by this enrollment key; it has brought them in`,
      { quota: 'enrollment', limit: enrollment.maxNewcomers },
      viewer.subject,
    );
  }
  const supervisorId = newSupervisorId();
  const awaited = await findAwaited(sql, report.domainId, report.hostname);
  const [answer] = await publishReports(sql, {
    reports: [{ ...report, supervisorId, index: 0, digest: null }],
    plugins: plugins.map((plugin) => ({ ...plugin, index: 0 })),
    ...publishPolicy(core.settings, core.clockOffsetMs()),
  });
  if (!answer) throw new Error('a report got no answer');
  if (answer.status === 'WRONG_SECRET' || (answer.supervisor && answer.supervisor.id !== (awaited ?? supervisorId))) {
    throw forbidden(
      viewer,
      `expected a host that is not known yet, since the key only brings newcomers in; got ${report.hostname}`,
    );
  }
  if (answer.status !== 'ACCEPTED') throw new NotEnrolled(answer);
  // One that an operator has registered is as the operator wants it.
  const supervisor = awaited === undefined ? await prepare(core, sql, viewer, enrollment, answer) : answer.supervisor;
  const { token } = await makeApiKey(core, sql, viewer, {
    name: report.hostname,
    role: 'SUPERVISOR',
    domainId: report.domainId,
    expiresAt: enrollment.keysExpireAt,
    hostname: report.hostname,
    enrollment: null,
  });
  await countNewcomer(sql, viewer.subject);
  return { answer: { ...answer, supervisor }, token };
}

/** Rolls the transaction back: the report was not accepted. */
export class NotEnrolled extends Error {
  readonly answer: PublishAnswer;

  constructor(answer: PublishAnswer) {
    super(answer.status);
    this.answer = answer;
  }
}

/** Gives the newcomer the key's labels, and registers it where the key says so. */
async function prepare(
  core: CoreInternals,
  sql: Sql,
  viewer: Viewer,
  { labels, registers }: LockedEnrollment,
  { supervisor }: PublishAnswer,
): Promise<SupervisorRow | null> {
  if (!supervisor || (!registers && Object.keys(labels).length === 0)) return supervisor;
  const id = String(supervisor.id);
  const seen = { id, state: 'PENDING', registeredAt: null } as const;
  const outcome = decide('register', seen);
  if (outcome.kind !== 'become') throw new Error('the lifecycle has no registration of a newcomer');
  const changed = await changeSupervisor(sql, {
    id,
    scope: { domainId: String(supervisor.domain_id) },
    seen,
    state: registers ? outcome.state : 'PENDING',
    registers,
    patch: Object.keys(labels).length === 0 ? {} : { labels: { ...(supervisor.labels as object), ...labels } },
    freshLeaseMs: null,
    clockOffsetMs: core.clockOffsetMs(),
    actor: viewer.subject,
    reason: registers ? supervisorReasons.register : updatedReason,
  });
  if (!changed) throw new Error(`${id} was changed before it was committed`);
  return changed;
}
