import type { Plugin, PluginState } from '@muster/db';
import { z } from 'zod';
import { can, domainFor } from '../../access/policy.ts';
import type { Viewer } from '../../access/viewer.ts';
import { pluginFromRow } from '../../base/rows.ts';
import type { Unchecked } from '../../base/unchecked.ts';
import { parse } from '../../base/validate.ts';
import { type Core, type CoreInternals, internalsOf } from '../../core.ts';
import { installWanted } from '../install.ts';
import {
  type AcquireEndpointInput,
  endpointSchema,
  noneActive,
  ofNewestVersion,
  type WantedEndpoint,
} from './endpoint.ts';
import { waitForEndpoint } from './endpointWait.ts';
import { findPending } from './sql/findPending.ts';

export interface AcquirePluginEndpointInput extends AcquireEndpointInput {
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
 * version that it names, unless any version will do and one is on its way already; then it waits, if it is to, and tells how
 * far that came where it took too long.
 *
 * @throws DomainError NO_POSSIBLE_SUPERVISOR where there is none and nobody can take it.
 */
export async function acquirePluginEndpoint(
  core: Core,
  viewer: Viewer,
  input: Unchecked<AcquirePluginEndpointInput>,
): Promise<AcquiredEndpoint> {
  const internals = internalsOf(core);
  const domainId = domainFor(viewer, 'read', input.domainId);
  const { limits } = core.settings;
  const { pluginId, version, anyVersion, labels } = parse(endpointSchema(limits), input);
  const longest = limits.endpointWaitSeconds;
  const waitSeconds = parse(
    z.number().min(0).max(longest, `expected 0 to ${longest} seconds`).nullish(),
    input.waitSeconds,
    ['waitSeconds'],
  );
  const wish: WantedEndpoint = {
    domainId,
    pluginId,
    version: anyVersion ? null : (version ?? null),
    labels: labels ?? {},
  };
  const installed = can(viewer, 'operate') ? (version ?? null) : null;
  const key = JSON.stringify([wish, installed]);
  const awaited = await waitForEndpoint(internals, key, wish, (waitSeconds ?? 0) * 1000, () =>
    installed === null ? requireSome(internals, wish) : installFor(internals, wish, installed, viewer.subject),
  );
  if ('endpoint' in awaited) return { ...awaited.endpoint, state: 'ACTIVE', plugin: null };
  const { plugin } = awaited;
  return { endpoint: null, version: plugin.version, state: plugin.state, plugin };
}

async function installFor(core: CoreInternals, wish: WantedEndpoint, version: string, actor: string): Promise<Plugin> {
  const there = wish.version === null && (await findSome(core, wish));
  if (there) return there;
  return (await installWanted(core, { ...wish, version, supervisorId: null }, actor)).plugin;
}

async function requireSome(core: CoreInternals, wish: WantedEndpoint): Promise<Plugin> {
  const plugin = await findSome(core, wish);
  if (!plugin) throw noneActive(wish);
  return plugin;
}

/** One that is there, and may come up yet: of the newest version. */
async function findSome(core: CoreInternals, wish: WantedEndpoint): Promise<Plugin | undefined> {
  return ofNewestVersion((await findPending(core.db.sql, wish)).map(pluginFromRow))[0];
}
