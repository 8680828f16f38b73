import type { Plugin } from '@muster/db';
import { can, domainFor, isAgent, type Scope, scopeFor } from '../access/policy.ts';
import { inScope, isInScope } from '../access/scopeWhere.ts';
import type { Viewer } from '../access/viewer.ts';
import { badUserInput, notFound } from '../base/errors.ts';
import { pluginFromRow } from '../base/rows.ts';
import { describe, parse, perLimits, text } from '../base/validate.ts';
import { type Core, type CoreInternals, internalsOf } from '../core.ts';
import type { Change } from '../event/change.ts';
import { type DomainScoped, restrictToDomain } from '../event/domainGuard.ts';
import type { Feed } from '../event/feed.ts';
import { leaseMs, publishIntervalMs } from '../liveness/pacing.ts';
import { pluginScope } from '../supervisor/read.ts';
import { readAssignments, recordAndReadAssignments } from './sql/readAssignments.ts';
import { renewLease } from './sql/renewLease.ts';
import { updateSilentCondition, withholdPlugin } from './sql/silentAgent.ts';

/**
 * Everything that an agent is to run, for the agent itself, which is known by its hostname: whatever is not in it, an
 * agent deletes. So it is whole, whatever the size of a page, and what can't be read for certain is an error. Being
 * asked for it renews the lease, as a publish does (L1): an agent whose installs fail never gets as far as to publish.
 * What was offered is recorded (P3), and shown as agents without generations need it (P5). Where an agent keeps asking and
 * never publishes, one of its new plugins fails to install: the newest that it never reported is left out until its next
 * attempt, and the supervisor carries the condition AGENT_SILENT. What was reported once is never left out.
 *
 * @returns nothing where there is no such supervisor: an agent's first publish comes after its first list.
 */
export async function fetchAssignments(
  core: Core,
  viewer: Viewer,
  input: { domainId?: string | null | undefined; hostname: string },
): Promise<Plugin[]> {
  const internals = internalsOf(core);
  const domainId = domainFor(viewer, 'publish', input.domainId);
  const hostname = parse(hostnameSchema(core.settings.limits), input.hostname, ['hostname']);
  const { settings } = core;
  const { sql } = internals.db;
  const clockOffsetMs = internals.clockOffsetMs();
  const intervalMs = publishIntervalMs(settings, await internals.liveSupervisors.count());
  const renewed = await renewLease(sql, {
    domainId,
    hostname,
    leaseMs: leaseMs(settings, intervalMs),
    clockOffsetMs,
    actor: viewer.subject,
    silentLists: settings.silentLists,
    silentMs: Math.max(settings.silentSeconds * 1000, silentIntervals * intervalMs),
  });
  if (!renewed) return [];
  const { id, isSilent } = renewed;
  if (isSilent) await withholdPlugin(sql, id);
  const list = await recordAndReadAssignments(sql, id);
  if (isSilent || list?.hasSilentCondition) await updateSilentCondition(sql, { id, isSilent, clockOffsetMs });
  return list?.rows.map(pluginFromRow) ?? [];
}

/** An agent that asks more often than it publishes is not silent for that: it has so many publish intervals. */
const silentIntervals = 3;

/** Whose list is meant: by id or by hostname. */
export interface AssignmentsInput {
  domainId?: string | null | undefined;
  supervisorId?: string | null | undefined;
  hostname?: string | null | undefined;
}

/**
 * As `fetchAssignments`, for agents that speak GraphQL, and for operators, to whom it is only shown. A supervisor that isn't
 * known has no list.
 *
 * @throws DomainError NOT_FOUND where there is no such supervisor: an empty list would have its agent delete everything.
 */
export async function listAssignments(core: Core, viewer: Viewer, input: AssignmentsInput): Promise<Plugin[]> {
  const internals = internalsOf(core);
  const supervisor = await requireListed(internals, viewer, input);
  if (isAgent(viewer)) return fetchAssignments(core, viewer, supervisor);
  return (await readVisibleAssignments(internals, viewer, supervisor.id)).plugins;
}

/** A supervisor's whole list at one moment. */
export interface Assignments extends DomainScoped {
  readonly plugins: readonly Plugin[];
}

/**
 * A supervisor's list as it is now, and then whenever it changes: whole each time. It is no sign of life from the agent,
 * and no list that it fetched: one that follows it publishes beside it, and says of each report what generation it is
 * about.
 *
 * @throws DomainError NOT_FOUND where there is no such supervisor, also once it is deregistered.
 */
export async function watchAssignments(
  core: Core,
  viewer: Viewer,
  input: AssignmentsInput,
): Promise<Feed<Assignments>> {
  const internals = internalsOf(core);
  const { id, domainId } = await requireListed(internals, viewer, input);
  const scope: Scope = { domainId: can(viewer, 'administer') ? null : viewer.domainId };
  return restrictToDomain(scope, {
    viewer,
    start: null,
    concerns: (change) => changesList(change, id),
    itemsOf: async ({ seq }) => [{ ...(await readVisibleAssignments(internals, viewer, id)), seq, domainId }],
    begin: async () => {
      const list = await readVisibleAssignments(internals, viewer, id);
      async function* first() {
        yield { ...list, domainId };
      }
      return { first: first(), place: null, newsAfter: () => list.seq };
    },
    bookmark: () => null,
  });
}

/** Whether a change has a supervisor's list say something else: not what its agent reported. */
function changesList(change: Change, supervisorId: string): boolean {
  if (change.entity === 'supervisor') return change.supervisor.id === supervisorId && change.to === 'NONE';
  if (change.plugin.supervisorId !== supervisorId) return false;
  const { previous } = change;
  return previous === null || 'wanted' in previous || 'generation' in previous;
}

/** The agent's own list is whole; to an operator what other domains have there is not shown (A3). */
async function readVisibleAssignments(
  core: CoreInternals,
  viewer: Viewer,
  id: string,
): Promise<{ seq: number; plugins: Plugin[] }> {
  const list = await readAssignments(core.db.sql, id);
  if (!list) throw notFound('supervisor', describe(id));
  const plugins = list.rows.map(pluginFromRow);
  const shown = isAgent(viewer) ? plugins : plugins.filter((plugin) => isInScope(pluginScope(viewer), plugin));
  return { seq: list.seq, plugins: shown };
}

/** The supervisor whose list is asked for, by one who may: its agent, or an operator. */
async function requireListed(core: CoreInternals, viewer: Viewer, input: AssignmentsInput) {
  const { supervisorId, hostname } = input;
  const scope = scopeFor(viewer, can(viewer, 'publish') ? 'publish' : 'operate', input.domainId);
  if ((supervisorId == null) === (hostname == null)) {
    throw badUserInput(['supervisorId'], 'expected either a supervisor id or a hostname');
  }
  if (hostname != null && scope.domainId === null) domainFor(viewer, 'publish', input.domainId);
  const named = parse(hostnameSchema(core.settings.limits), supervisorId ?? hostname, [
    supervisorId == null ? 'hostname' : 'supervisorId',
  ]);
  const supervisor = await core.tenants.client(scope).supervisor.findFirst({
    where: { ...(supervisorId == null ? { hostname: named } : { id: named }), ...inScope(scope) },
    select: { id: true, domainId: true, hostname: true },
  });
  if (!supervisor) throw notFound('supervisor', describe(named));
  return supervisor;
}

const hostnameSchema = perLimits((limits) => text(limits.nameLength));
