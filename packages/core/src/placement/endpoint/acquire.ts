import type { Plugin, PluginState } from '@muster/db';
import { z } from 'zod';
import type { DomainInput } from '../../access/domainInput.ts';
import { can, domainFor } from '../../access/policy.ts';
import type { Viewer } from '../../access/viewer.ts';
import { pluginFromRow } from '../../base/rows.ts';
import type { Unchecked } from '../../base/unchecked.ts';
import { jsonObject, parse, perLimits, text } from '../../base/validate.ts';
import { type Core, type CoreInternals, internalsOf } from '../../core.ts';
import { installWanted } from '../install.ts';
import { newestOnly, noneToHandOut, type WantedEndpoint } from './endpoint.ts';
import { waitForEndpoint } from './endpointWait.ts';
import { findPending } from './sql/findPending.ts';
import { readNewestVersion } from './sql/readNewestVersion.ts';

/** The plugin whose endpoint is asked for. */
export type AcquirePluginEndpointInput = DomainInput & z.input<ReturnType<typeof acquireSchema>>;

/** The answer to a request for an endpoint. */
export interface AcquiredEndpoint {
  /** Null where there was none in time. */
  readonly endpoint: string | null;
  readonly version: string;
  /** ACTIVE with an endpoint, and only then; otherwise the state that the plugin has reached. */
  readonly state: PluginState;
  /** The plugin that was waited for; null with an endpoint. */
  readonly plugin: Plugin | null;
}

/**
 * Hands out an endpoint of a plugin, round robin over the ACTIVE instances (M4, P8). Where none is ACTIVE, an
 * OPERATOR's request installs the wanted version; where any version will do, it waits for one that is coming up, or installs
 * the newest release (C1), or, of a plugin without releases, the newest of the named version and those that the domain has. Then it waits for up to `waitSeconds`, and answers with the
 * plugin's state where that was too short.
 *
 * @throws DomainError NO_POSSIBLE_SUPERVISOR where no instance is there and none can be placed; PLUGIN_STATE where the
 * release of the version is retired; UNAUTHENTICATED once the viewer's right has ended (E6).
 */
export async function acquirePluginEndpoint(
  core: Core,
  viewer: Viewer,
  input: Unchecked<AcquirePluginEndpointInput>,
): Promise<AcquiredEndpoint> {
  const internals = internalsOf(core);
  const domainId = domainFor(viewer, 'read', input.domainId);
  const parsed = parse(acquireSchema(core.settings.limits), input);
  const version = parsed.version ?? null;
  const wanted: WantedEndpoint = {
    domainId,
    pluginId: parsed.pluginId,
    version: parsed.anyVersion ? null : version,
    labels: parsed.labels ?? {},
    allowPublic: parsed.allowPublic ?? true,
  };
  const whyNone = reasonToInstallNone(viewer, parsed);
  const key = JSON.stringify([wanted, whyNone ?? { version }]);
  const requestPlugin = () =>
    whyNone === null ? install(internals, wanted, version, viewer.subject) : requirePending(internals, wanted, whyNone);
  const waitMs = (parsed.waitSeconds ?? 0) * 1000;
  const result = await waitForEndpoint(internals, viewer, key, { wanted, waitMs, requestPlugin });
  if ('endpoint' in result) return { ...result.endpoint, state: 'ACTIVE', plugin: null };
  const { plugin } = result;
  return { endpoint: null, version: plugin.version, state: plugin.state, plugin };
}

/** Why the viewer's request installs nothing; null where it may. */
function reasonToInstallNone(
  viewer: Viewer,
  { version, anyVersion }: { version?: string | null | undefined; anyVersion?: boolean | null | undefined },
): string | null {
  if (!can(viewer, 'operate')) return `the role ${viewer.role} may not install one`;
  return version == null && anyVersion !== true ? 'no version is named to install' : null;
}

async function install(
  core: CoreInternals,
  wanted: WantedEndpoint,
  named: string | null,
  actor: string,
): Promise<Plugin> {
  const pending = wanted.version === null && (await newestPending(core, wanted));
  if (pending) return pending;
  const version = wanted.version ?? (await newestKnown(core, wanted, named));
  return (await installWanted(core, { ...wanted, version, supervisorId: null }, actor, { mustServe: true })).plugin;
}

/** The newest version to install, or the one that is named where none may be. @throws DomainError where there is none */
async function newestKnown(core: CoreInternals, wanted: WantedEndpoint, named: string | null): Promise<string> {
  const newest = (await readNewestVersion(core.db.sql, { ...wanted, named })) ?? named;
  if (newest === null) throw noneToHandOut(wanted, 'no version of it is known to install');
  return newest;
}

async function requirePending(core: CoreInternals, wanted: WantedEndpoint, whyNone: string): Promise<Plugin> {
  const plugin = await newestPending(core, wanted);
  if (!plugin) throw noneToHandOut(wanted, whyNone);
  return plugin;
}

/** An instance of the newest version that is there, and may come up yet. */
async function newestPending(core: CoreInternals, wanted: WantedEndpoint): Promise<Plugin | undefined> {
  const pending = await findPending(core.db.sql, { ...wanted, clockOffsetMs: core.clockOffsetMs() });
  return newestOnly(pending.map(pluginFromRow))[0];
}

const acquireSchema = perLimits((limits) => {
  const longest = limits.endpointWaitSeconds;
  return z.object({
    pluginId: text(limits.pluginIdLength),
    /** Default: the newest version that is ACTIVE. */
    version: text(limits.pluginIdLength).nullish(),
    /** Whether another version may be handed out, or installed, in place of `version`: the newest. Default false. */
    anyVersion: z.boolean().nullish(),
    /** The labels that the supervisor must have, keys and values. Default: none. */
    labels: jsonObject(limits).nullish(),
    /** M2: whether an instance on a public supervisor of another domain will do. Default true. */
    allowPublic: z.boolean().nullish(),
    /** How many seconds to wait for an endpoint, up to the limit `endpointWaitSeconds`. Default 0. */
    waitSeconds: z.number().min(0).max(longest, `expected 0 to ${longest} seconds`).nullish(),
  });
});
