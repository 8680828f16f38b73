import type { Plugin } from '@muster/db';
import { domainFor } from '../access/policy.ts';
import type { Viewer } from '../access/viewer.ts';
import type { Core } from '../core.ts';
import { leaseMs, publishIntervalMs } from '../lease/interval.ts';
import { renewLease } from '../sql/renewLease.ts';
import { parse, perLimits, text } from '../validate.ts';

/**
 * Everything that an agent is to run, for the agent itself, which is known by its hostname: whatever is not in it, an
 * agent deletes. So it is whole, whatever the size of a page, and what can't be read for certain is an error. Being
 * asked for it renews the lease, as a publish does (L1): an agent whose installs fail never gets as far as to publish.
 *
 * @returns nothing where there is no such supervisor: an agent's first publish comes after its first list.
 */
export async function offerPlugins(
  core: Core,
  viewer: Viewer,
  input: { domainId?: string | null | undefined; hostname: string },
): Promise<Plugin[]> {
  const domainId = domainFor(viewer, 'publish', input.domainId);
  const hostname = parse(hostnameSchema(core.settings.limits), input.hostname, ['hostname']);
  const supervisorId = await renewLease(core.db.sql, {
    domainId,
    hostname,
    leaseMs: leaseMs(core.settings, publishIntervalMs(core.settings, await core.fleet.liveSupervisors())),
    clockOffsetMs: core.clockOffsetMs(),
    actor: viewer.subject,
  });
  if (supervisorId === undefined) return [];
  // What other tenants have here is for this agent, too: the supervisor is its own.
  return core.tenants.within({ domainId: null }).plugin.findMany({
    where: { supervisorId, wanted: true },
    orderBy: [{ pluginId: 'asc' }, { version: 'asc' }],
  });
}

const hostnameSchema = perLimits((limits) => text(limits.nameLength));
