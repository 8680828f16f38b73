import type { Core, Viewer } from '@muster/core';
import type { WireObject } from './fields.ts';
import { getPluginEndpoint, reportFailure } from './pluginMethods.ts';
import { publish } from './publish.ts';
import { list, listPlugins, stat } from './searchMethods.ts';
import { deregister, disable, enable, get, recover, register, update } from './supervisorMethods.ts';

/** Answers a request in JSON; what it throws is told as it is told everywhere (clientError.ts). */
export type Handler = (core: Core, viewer: Viewer, request: WireObject) => Promise<WireObject>;

export type Verb = 'GET' | 'POST' | 'PUT' | 'DELETE';

export interface Route {
  readonly verb: Verb;
  /** `{supervisor_id}` stands for a field of the request. */
  readonly path: string;
}

export interface Method {
  /** How its service calls it; the service's descriptor tells its messages. */
  readonly name: string;
  readonly routes: readonly Route[];
  /** Null for one that is described and not served. */
  readonly handle: Handler | null;
}

const route = (verb: Verb, path: string): Route => ({ verb, path: `/plugin/v1${path}` });

/** The reference's methods, as gRPC and REST serve them. */
export const supervisorService: { readonly name: string; readonly methods: readonly Method[] } = {
  name: 'spaceone.api.plugin.v1.Supervisor',
  methods: [
    { name: 'publish', routes: [route('POST', '/supervisors')], handle: publish },
    { name: 'register', routes: [route('POST', '/supervisor/{supervisor_id}/register')], handle: register },
    { name: 'update', routes: [route('PUT', '/supervisor/{supervisor_id}')], handle: update },
    { name: 'deregister', routes: [route('DELETE', '/supervisor/{supervisor_id}/register')], handle: deregister },
    { name: 'enable', routes: [route('PUT', '/supervisor/{supervisor_id}/enable')], handle: enable },
    { name: 'disable', routes: [route('PUT', '/supervisor/{supervisor_id}/disable')], handle: disable },
    {
      name: 'recover_plugin',
      routes: [route('POST', '/supervisor/{supervisor_id}/plugin/{plugin_id}/recover')],
      handle: recover,
    },
    { name: 'get', routes: [route('GET', '/supervisor/{supervisor_id}')], handle: get },
    { name: 'list', routes: [route('GET', '/supervisors'), route('POST', '/supervisors/search')], handle: list },
    { name: 'stat', routes: [route('POST', '/supervisors/stat')], handle: stat },
    {
      name: 'list_plugins',
      routes: [
        route('GET', '/supervisor/{supervisor_id}/plugins'),
        route('POST', '/supervisor/{supervisor_id}/plugins/search'),
      ],
      handle: listPlugins,
    },
  ],
};

/** For those who call plugins; over gRPC alone. */
export const pluginService: typeof supervisorService = {
  name: 'spaceone.api.plugin.v1.Plugin',
  methods: [
    { name: 'get_plugin_endpoint', routes: [], handle: getPluginEndpoint },
    { name: 'get_plugin_metadata', routes: [], handle: null },
    { name: 'notify_failure', routes: [], handle: reportFailure },
  ],
};
