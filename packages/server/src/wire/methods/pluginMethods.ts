import { acquirePluginEndpoint, type Core, DomainError, notifyFailure, type Viewer } from '@muster/core';
import { type FieldNames, toCore, type WireObject, withWireNames } from './fields.ts';

const endpointNames: FieldNames = {
  domainId: 'domain_id',
  pluginId: 'plugin_id',
  version: 'version',
  labels: 'labels',
};
const failureNames: FieldNames = {
  supervisorId: 'supervisor_id',
  domainId: 'domain_id',
  pluginId: 'plugin_id',
  version: 'version',
};

/** The reference's answer has no word for a plugin that is still coming up: that is UNAVAILABLE, and asked for again. */
export async function getPluginEndpoint(core: Core, viewer: Viewer, request: WireObject): Promise<WireObject> {
  const input = toCore(request, endpointNames) as unknown as Parameters<typeof acquirePluginEndpoint>[2];
  const anyVersion = request.upgrade_mode === 'AUTO';
  const { endpoint, version, state } = await withWireNames(
    acquirePluginEndpoint(core, viewer, { ...input, anyVersion }),
    endpointNames,
  );
  if (endpoint === null) {
    throw new DomainError('UNAVAILABLE', `${input.pluginId} ${version} is ${state} and not ACTIVE yet; ask again`);
  }
  const isAnother = request.version !== undefined && request.version !== version;
  return { endpoint, access_token: '', updated_version: isAnother ? version : '' };
}

export async function reportFailure(core: Core, viewer: Viewer, request: WireObject): Promise<WireObject> {
  const input = toCore(request, failureNames) as unknown as Parameters<typeof notifyFailure>[2];
  await withWireNames(notifyFailure(core, viewer, input), failureNames);
  return {};
}
