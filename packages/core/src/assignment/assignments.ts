import type { Plugin } from '@muster/db';
import { z } from 'zod';
import type { DomainInput } from '../access/domainInput.ts';
import { can, domainFor, isAgent, type Scope, scopeFor } from '../access/policy.ts';
import { isInScope } from '../access/scopeWhere.ts';
import type { Viewer } from '../access/viewer.ts';
import { badUserInput, forbidden, notFound } from '../base/errors.ts';
import { type PluginRow, pluginFromRow } from '../base/rows.ts';
import type { Unchecked } from '../base/unchecked.ts';
import { anyText, describe, parse, perLimits, text } from '../base/validate.ts';
import { refuseBlocked } from '../block/blockedHostnames.ts';
import { isBlocked } from '../block/sql/isBlocked.ts';
import { type Core, type CoreInternals, internalsOf } from '../core.ts';
import type { Change, ReleaseChange } from '../event/change.ts';
import type { LogBounds } from '../event/cursor.ts';
import { type DomainScoped, restrictToDomain } from '../event/domainGuard.ts';
import { Effort } from '../event/effort.ts';
import { placeAt } from '../event/epochs.ts';
import type { Feed } from '../event/feed.ts';
import { joinLive } from '../event/resume.ts';
import { refuseSecret, requireIdentity } from '../identity/identity.ts';
import { secretDigest } from '../identity/secret.ts';
import { currentPace } from '../liveness/pacing.ts';
import type { ReleaseSpec } from '../release/releaseSpec.ts';
import { pluginScope } from '../supervisor/read.ts';
import { findSupervisor } from '../supervisor/requireSupervisor.ts';
import { findByHostname, type SupervisorIdentity } from '../supervisor/sql/findByHostname.ts';
import { type AssignmentForm, readAssignments, recordAndReadAssignments } from './sql/readAssignments.ts';
import { type RenewedLease, renewLease } from './sql/renewLease.ts';
import { updateSilentCondition, withholdPlugin } from './sql/silentAgent.ts';

/** The agent that fetches its own list. */
export type FetchAssignmentsInput = DomainInput & z.input<ReturnType<typeof fetchSchema>>;

const fetchSchema = perLimits((limits) =>
  z.object({
    hostname: text(limits.nameLength),
    /** S6: the secret that the supervisor was created with. Default: none. */
    secretKey: anyText(1_024).nullish(),
  }),
);

/** How a list is fetched. */
export interface FetchOptions {
  /**
   * L1: whether the fetch is a sign of life: it renews the lease and records what was offered. Default true; false for a
   * GET, which changes nothing.
   */
  renews?: boolean;
}

/**
 * The whole list of the plugins that an agent is to run, for the agent itself: docs/placement.md, "An agent's list".
 * Renews the lease (L1), records the generations that the agent was shown (P3), and withholds a plugin from a silent
 * agent.
 *
 * @returns an empty list where there is no such supervisor: an agent fetches its list before its first publish.
 * @throws DomainError FORBIDDEN for a missing or wrong secret (S6), or for a host that the credential doesn't speak for
 * (A7).
 */
export function fetchAssignments(
  core: Core,
  viewer: Viewer,
  input: Unchecked<FetchAssignmentsInput>,
  { renews = true }: FetchOptions = {},
): Promise<Plugin[]> {
  return fetchList(internalsOf(core), viewer, input, { renews, form: 'plain' });
}

async function fetchList(
  core: CoreInternals,
  viewer: Viewer,
  input: Unchecked<FetchAssignmentsInput>,
  how: { readonly renews: boolean; readonly form: AssignmentForm },
): Promise<Assignment[]> {
  const rows = await core.db.runInLane('reports', () => fetchInLane(core, viewer, input, how));
  return rows.map(assignmentFromRow);
}

async function fetchInLane(
  core: CoreInternals,
  viewer: Viewer,
  input: Unchecked<FetchAssignmentsInput>,
  { renews, form }: { readonly renews: boolean; readonly form: AssignmentForm },
): Promise<readonly PluginRow[]> {
  const { sql } = core.db;
  const identified = await identify(core, viewer, input, renews);
  if (!identified) return [];
  const { id, isSilent } = identified;
  if (!renews) return (await readAssignments(sql, id, form))?.rows ?? [];
  if (isSilent) await withholdPlugin(sql, id);
  const list = await recordAndReadAssignments(sql, id, form);
  if (isSilent || list?.hasSilentCondition) {
    await updateSilentCondition(sql, { id, isSilent, clockOffsetMs: core.clockOffsetMs() });
  }
  return list?.rows ?? [];
}

/** A plugin that a supervisor is to run. */
export interface Assignment extends Plugin {
  /** C1: the spec of its release; null where this version has none. */
  readonly spec: ReleaseSpec | null;
}

function assignmentFromRow(row: PluginRow): Assignment {
  return { spec: null, ...pluginFromRow(row) };
}

/**
 * The supervisor whose agent fetches its list, which renews the lease; undefined where there is none yet.
 *
 * @throws DomainError as `fetchAssignments`
 */
async function identify(
  core: CoreInternals,
  viewer: Viewer,
  input: Unchecked<FetchAssignmentsInput>,
  renews: boolean,
): Promise<RenewedLease | undefined> {
  const { settings } = core;
  const domainId = domainFor(viewer, 'publish', input.domainId);
  const { hostname, secretKey } = parse(fetchSchema(settings.limits), input);
  const named = { domainId, hostname };
  const secret = secretKey ?? null;
  await requireIdentity(core, viewer, named, secret !== null);
  const { intervalMs, leaseMs } = await currentPace(core);
  const identified = await renewLease(core.db.sql, {
    ...named,
    secretDigest: secret === null ? null : secretDigest(secret),
    leaseMs,
    clockOffsetMs: core.clockOffsetMs(),
    actor: viewer.subject,
    silentLists: settings.silentLists,
    silentMs: Math.max(settings.silentSeconds * 1000, silentIntervals * intervalMs),
    renews: renews && viewer.enrolls !== true,
  });
  if (identified === 'BLOCKED') throw refuseBlocked(viewer, hostname);
  if (identified?.isWrongSecret) throw await refuseSecret(core, viewer, named, secret !== null);
  if (identified && viewer.enrolls) {
    throw forbidden(
      viewer,
      `expected a host that is not known yet, since the key only brings newcomers in; got ${hostname}`,
    );
  }
  if (identified && secret !== null) core.guesses.succeeded(viewer, named);
  return identified;
}

/** How many publish intervals an agent may fetch lists without a publish, however often it fetches. */
const silentIntervals = 3;

/** The supervisor whose list is asked for, by id or by hostname. */
export interface AssignmentsInput extends DomainInput {
  supervisorId?: string | null | undefined;
  hostname?: string | null | undefined;
  /** S6: the agent's secret; operators need none. */
  secretKey?: string | null | undefined;
}

/**
 * A supervisor's list, with the specs of releases (C1): for its agent as `fetchAssignments`, for an operator without any
 * effect.
 *
 * @throws DomainError NOT_FOUND where there is no such supervisor: with an empty list its agent would delete
 * everything.
 */
export async function listAssignments(
  core: Core,
  viewer: Viewer,
  input: Unchecked<AssignmentsInput>,
  { renews = true }: FetchOptions = {},
): Promise<Assignment[]> {
  const internals = internalsOf(core);
  const supervisor = await requireListed(internals, viewer, input);
  if (isAgent(viewer)) {
    return fetchList(internals, viewer, { ...supervisor, secretKey: input.secretKey }, { renews, form: 'withSpecs' });
  }
  return (await readVisibleAssignments(internals, viewer, supervisor.id)).plugins;
}

/** A supervisor's whole list at one moment. */
export interface Assignments extends DomainScoped {
  readonly plugins: readonly Assignment[];
}

/**
 * A supervisor's whole list now, and again whenever the list changes, or a release of one of its plugins is published. Watching renews no lease and records no
 * generation: an agent that watches also publishes, with the generation that each of its reports is about.
 *
 * @throws DomainError NOT_FOUND where there is no such supervisor, also once it is deregistered.
 */
export async function watchAssignments(
  core: Core,
  viewer: Viewer,
  input: Unchecked<AssignmentsInput>,
): Promise<Feed<Assignments>> {
  const internals = internalsOf(core);
  const supervisor = await requireListed(internals, viewer, input);
  const { id, domainId } = supervisor;
  if (isAgent(viewer)) await identify(internals, viewer, { ...supervisor, secretKey: input.secretKey }, false);
  const scope: Scope = { domainId: viewer.domainId };
  const concerns = (change: Change) => changesList(change, id) || change.kind === 'RELEASE_PUBLISHED';
  /** The list as it was last read. */
  let shown: readonly Assignment[] = [];
  const read = async () => {
    const list = await readVisibleAssignments(internals, viewer, id);
    shown = list.plugins;
    return list;
  };
  return restrictToDomain(scope, {
    viewer,
    afterSeq: null,
    effort: new Effort(),
    concerns,
    meaningOf: (change) =>
      concerns(change)
        ? async () => {
            // Earlier changes have read the list by now.
            if (change.entity === 'release' && !shown.some((plugin) => mayBeOf(plugin, change))) return [];
            const { plugins } = await read();
            return [{ plugins, seq: change.seq, domainId }];
          }
        : null,
    start: async () => {
      const fromSeq = core.hub.tail.position;
      const { log, ...list } = await read();
      await joinLive(internals, placeAt(log, list.seq), fromSeq);
      async function* first() {
        yield { ...list, domainId };
      }
      return { initialItems: first(), resumeSeq: null, liveAfterSeq: () => list.seq };
    },
    bookmark: () => null,
  });
}

/** Whether a change alters a supervisor's list; a report of its agent does not. */
function changesList(change: Change, supervisorId: string): boolean {
  if (change.entity === 'supervisor') return change.supervisor.id === supervisorId && change.to === 'NONE';
  if (change.entity !== 'plugin' || change.plugin.supervisorId !== supervisorId) return false;
  const { previous } = change;
  return previous === null || 'wanted' in previous || 'generation' in previous;
}

/** C1: whether a plugin may be of a release. */
function mayBeOf({ domainId, pluginId, version }: Plugin, { release }: ReleaseChange): boolean {
  const isForDomain = release.isPublic || release.domainId === domainId;
  return isForDomain && release.pluginId === pluginId && release.version === version;
}

/**
 * A supervisor's list as the viewer may see it: whole for its agent, without other domains' plugins for operators (A3).
 */
async function readVisibleAssignments(
  core: CoreInternals,
  viewer: Viewer,
  id: string,
): Promise<{ log: LogBounds; seq: number; plugins: Assignment[] }> {
  const list = await readAssignments(core.db.sql, id, 'withSpecs');
  if (!list) throw notFound('supervisor', describe(id));
  if (list.isBlocked && isAgent(viewer)) throw refuseBlocked(viewer, list.hostname);
  const plugins = list.rows.map(assignmentFromRow);
  const shown = isAgent(viewer) ? plugins : plugins.filter((plugin) => isInScope(pluginScope(viewer), plugin));
  return { log: list.log, seq: list.log.headSeq, plugins: shown };
}

/** Authorises the viewer, an agent or an operator, and reads the supervisor whose list is asked for. */
async function requireListed(
  core: CoreInternals,
  viewer: Viewer,
  input: Unchecked<AssignmentsInput>,
): Promise<SupervisorIdentity> {
  const { supervisorId, hostname } = input;
  const capability = can(viewer, 'publish') ? 'publish' : 'operate';
  const scope = scopeFor(viewer, capability, input.domainId);
  if ((supervisorId == null) === (hostname == null)) {
    throw badUserInput(['supervisorId'], 'expected either a supervisor id or a hostname');
  }
  const domainId = hostname == null ? null : domainFor(viewer, capability, input.domainId);
  const name = supervisorId == null ? 'hostname' : 'supervisorId';
  const named = parse(nameSchema(core.settings.limits), input[name], [name]);
  if (domainId !== null && viewer.boundHostname !== undefined) {
    await requireIdentity(core, viewer, { domainId, hostname: named }, false);
  }
  const supervisor =
    domainId === null ? await findSupervisor(core, scope, named) : await findByHostname(core.db.sql, domainId, named);
  if (supervisor) return supervisor;
  if (domainId !== null && isAgent(viewer) && (await isBlocked(core.db.sql, domainId, named))) {
    throw refuseBlocked(viewer, named);
  }
  throw notFound('supervisor', describe(named));
}

const nameSchema = perLimits((limits) => text(limits.nameLength));
