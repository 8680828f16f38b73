import type { Plugin, PluginState } from '@muster/db';
import { z } from 'zod';
import { can, domainFor } from '../access/policy.ts';
import { within } from '../access/scope.ts';
import type { Viewer } from '../access/viewer.ts';
import type { Core } from '../core.ts';
import { parse } from '../validate.ts';
import { type AcquireEndpointInput, type EndpointWish, endpointSchema, noneActive } from './endpoint.ts';
import { waitForEndpoint } from './endpointWait.ts';
import { installWish } from './install.ts';

export interface AcquirePluginEndpointInput extends Omit<AcquireEndpointInput, 'anyVersion'> {
  /** How long to wait for an endpoint, in seconds. Default 0; the limits say how long is allowed. */
  waitSeconds?: number | null | undefined;
}

export interface AcquiredEndpoint {
  /** Null where there was none in time. */
  readonly endpoint: string | null;
  readonly version: string;
  /** ACTIVE with an endpoint; otherwise what the plugin had come to. */
  readonly state: PluginState;
  /** The plugin that was waited for; null where there was an endpoint. */
  readonly plugin: Plugin | null;
}

/**
 * Where a plugin answers, round robin over what is ACTIVE (M4, P8). Where nothing is, an OPERATOR's request installs the
 * version that it names; then it waits, if it is to, and tells how far that came where it took too long.
 *
 * @throws DomainError NO_POSSIBLE_SUPERVISOR where there is none and nobody can take it.
 */
export async function acquirePluginEndpoint(
  core: Core,
  viewer: Viewer,
  input: AcquirePluginEndpointInput,
): Promise<AcquiredEndpoint> {
  const domainId = domainFor(viewer, 'read', input.domainId);
  const { limits } = core.settings;
  const { pluginId, version, labels } = parse(endpointSchema(limits), input);
  const longest = limits.endpointWaitSeconds;
  const waitSeconds = parse(
    z.number().min(0).max(longest, `expected 0 to ${longest} seconds`).nullish(),
    input.waitSeconds,
    ['waitSeconds'],
  );
  const wish: EndpointWish = { domainId, pluginId, version: version ?? null, labels: labels ?? {} };
  const installs = can(viewer, 'operate');
  const key = JSON.stringify([wish, installs]);
  const awaited = await waitForEndpoint(core, key, wish, (waitSeconds ?? 0) * 1000, () =>
    installs ? installFor(core, wish, viewer.subject) : requireSome(core, wish),
  );
  if ('endpoint' in awaited) return { ...awaited.endpoint, state: 'ACTIVE', plugin: null };
  const { plugin } = awaited;
  return { endpoint: null, version: plugin.version, state: plugin.state, plugin };
}

async function installFor(core: Core, wish: EndpointWish, actor: string): Promise<Plugin> {
  const { version } = wish;
  if (version === null) return requireSome(core, wish);
  return (await installWish(core, { ...wish, version, supervisorId: null }, actor)).plugin;
}

/** One that is there, and may come up yet. */
async function requireSome(core: Core, wish: EndpointWish): Promise<Plugin> {
  const { domainId, pluginId, version } = wish;
  const scope = { domainId };
  const plugin = await core.tenants.within(scope).plugin.findFirst({
    where: { pluginId, wanted: true, ...(version === null ? {} : { version }), ...within(scope) },
    orderBy: { stateChangedAt: 'desc' },
  });
  if (!plugin) throw noneActive(wish);
  return plugin;
}
