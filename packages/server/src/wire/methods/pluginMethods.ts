import { acquirePluginEndpoint, type Core, DomainError, notifyFailure, type Viewer } from '@muster/core';
import type { MessageJson } from '../proto/messageJson.ts';
import { toCoreInput, withWireNames } from './wireNames.ts';

/** Serves `get_plugin_endpoint`. The reference has no word for a plugin that is not ACTIVE yet, so that is UNAVAILABLE. */
export async function getPluginEndpoint(core: Core, viewer: Viewer, request: MessageJson): Promise<MessageJson> {
  const input = { ...toCoreInput(request), anyVersion: request.upgrade_mode === 'AUTO' };
  const { endpoint, version, state } = await withWireNames(acquirePluginEndpoint(core, viewer, input));
  if (endpoint === null) {
    throw new DomainError('UNAVAILABLE', `${input.pluginId} ${version} is ${state} and not ACTIVE yet; ask again`);
  }
  const isAnother = request.version !== undefined && request.version !== version;
  return { endpoint, access_token: '', updated_version: isAnother ? version : '' };
}

/** Serves `notify_failure`. */
export async function reportFailure(core: Core, viewer: Viewer, request: MessageJson): Promise<MessageJson> {
  await withWireNames(notifyFailure(core, viewer, toCoreInput(request)));
  return {};
}
