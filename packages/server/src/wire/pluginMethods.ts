import { acquireEndpoint, type Core, notifyFailure, type Viewer } from '@muster/core';
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

export async function getPluginEndpoint(core: Core, viewer: Viewer, request: WireObject): Promise<WireObject> {
  const input = toCore(request, endpointNames) as unknown as Parameters<typeof acquireEndpoint>[2];
  const anyVersion = request.upgrade_mode === 'AUTO';
  const { endpoint, version } = await withWireNames(
    acquireEndpoint(core, viewer, { ...input, anyVersion }),
    endpointNames,
  );
  const isAnother = request.version !== undefined && request.version !== version;
  return { endpoint, access_token: '', updated_version: isAnother ? version : '' };
}

export async function reportFailure(core: Core, viewer: Viewer, request: WireObject): Promise<WireObject> {
  const input = toCore(request, failureNames) as unknown as Parameters<typeof notifyFailure>[2];
  await withWireNames(notifyFailure(core, viewer, input), failureNames);
  return {};
}
