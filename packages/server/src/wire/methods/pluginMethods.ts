import { acquirePluginEndpoint, type Core, DomainError, notifyFailure, type Viewer } from '@muster/core';
import type { Plugin } from '@muster/db';
import type { Caller } from '../../limits/caller.ts';
import type { MessageJson } from '../proto/messageJson.ts';
import { RequiredParameter } from './requiredParameter.ts';
import { toCoreInput, withWireNames } from './wireNames.ts';

/** The longest wait for an endpoint: existing callers give a plugin this long to come up. */
const longestWaitMs = 180_000;
/** The part of a caller's time that is left for the answer. */
const answerMs = 1_000;

/**
 * Serves `get_plugin_endpoint`: existing callers ask once, so that it waits until the plugin is ACTIVE, for as long as the caller
 * does. The reference has no word for a plugin that isn't ACTIVE in time, so that is UNAVAILABLE.
 */
export async function getPluginEndpoint(
  core: Core,
  viewer: Viewer,
  request: MessageJson,
  { timeoutMs = longestWaitMs }: Pick<Caller, 'timeoutMs'>,
): Promise<MessageJson> {
  const anyVersion = request.upgrade_mode === 'AUTO';
  if (!anyVersion && request.version === undefined) {
    throw new RequiredParameter(['version'], 'expected a version, unless upgrade_mode is AUTO; got none');
  }
  const ownMs = timeoutMs - Math.min(answerMs, timeoutMs / 5);
  const waitSeconds = Math.min(
    core.settings.limits.endpointWaitSeconds,
    Math.max(0, Math.min(longestWaitMs, ownMs)) / 1_000,
  );
  const input = { ...toCoreInput(request), anyVersion, waitSeconds };
  const { endpoint, version, plugin } = await withWireNames(acquirePluginEndpoint(core, viewer, input));
  if (endpoint === null) throw notInTime(plugin, waitSeconds);
  return { endpoint, access_token: '', updated_version: anyVersion ? version : '' };
}

function notInTime(plugin: Plugin | null, waitSeconds: number): DomainError {
  const { pluginId, version, state, reason, message } = plugin ?? {};
  const seconds = Math.round(waitSeconds * 10) / 10;
  return new DomainError(
    'UNAVAILABLE',
    `expected ${pluginId} ${version} to be ACTIVE within ${seconds} s; it is ${state}${reason ? ` (${reason})` : ''}${message ? `: ${message}` : ''}`,
  );
}

/** Serves `notify_failure`. */
export async function reportFailure(core: Core, viewer: Viewer, request: MessageJson): Promise<MessageJson> {
  await withWireNames(notifyFailure(core, viewer, toCoreInput(request)));
  return {};
}
