import type { Core, Viewer } from '@muster/core';
import type { OperationLane } from '../../limits/admission.ts';
import type { Caller } from '../../limits/caller.ts';
import type { MessageJson } from '../proto/messageJson.ts';
import { costOfChange, costOfList, costOfPlugins, costOfRow, costOfStatistics, type MethodCost } from './costs.ts';
import { getPluginEndpoint, reportFailure } from './pluginMethods.ts';
import { publish } from './publish.ts';
import { laneOfListPlugins, list, listPlugins, stat } from './searchMethods.ts';
import { deregister, disable, enable, get, recover, register, update } from './supervisorMethods.ts';

/** Answers a request. `clientError.ts` says what a client may read of an error that it throws. */
type Handler = (
  core: Core,
  viewer: Viewer,
  request: MessageJson,
  caller: Pick<Caller, 'timeoutMs'>,
) => Promise<MessageJson>;

/** An HTTP method by which REST calls a method of the service. */
export type Verb = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** A way by which REST calls a method. */
export interface Route {
  readonly verb: Verb;
  /** Its segments in braces, such as `{supervisor_id}`, are fields of the request. */
  readonly path: string;
}

/** A method of a service, and how it is served. */
export interface Method {
  /** The method's name in the service's descriptor, which has its messages. */
  readonly name: string;
  readonly routes: readonly Route[];
  /** The kind of GraphQL's operations that the method is like: limits may ask for it. */
  readonly kind: 'query' | 'mutation';
  /** The cost of a request, in the points of GraphQL's operations (docs/limits.md). */
  readonly cost: MethodCost;
  /** The lane of its work; absent where the kind decides. */
  readonly laneOf?: (viewer: Viewer, request: MessageJson) => OperationLane;
  /** Null where the method is described and not served. */
  readonly handle: Handler | null;
}

/** A service as gRPC and REST serve it. */
export interface WireService {
  /** Its full name, by which the descriptors know it. */
  readonly name: string;
  readonly methods: readonly Method[];
}

const mutation = { kind: 'mutation', cost: costOfChange } as const;
const query = { kind: 'query', cost: costOfRow } as const;

const route = (verb: Verb, path: string): Route => ({ verb, path: `/plugin/v1${path}` });

/** The service of agents and of operators' consoles. */
export const supervisorService: WireService = {
  name: 'spaceone.api.plugin.v1.Supervisor',
  methods: [
    {
      name: 'publish',
      kind: 'mutation',
      cost: costOfRow,
      laneOf: () => 'reports',
      routes: [route('POST', '/supervisors')],
      handle: publish,
    },
    {
      name: 'register',
      ...mutation,
      routes: [route('POST', '/supervisor/{supervisor_id}/register')],
      handle: register,
    },
    { name: 'update', ...mutation, routes: [route('PUT', '/supervisor/{supervisor_id}')], handle: update },
    {
      name: 'deregister',
      ...mutation,
      routes: [route('DELETE', '/supervisor/{supervisor_id}/register')],
      handle: deregister,
    },
    { name: 'enable', ...mutation, routes: [route('PUT', '/supervisor/{supervisor_id}/enable')], handle: enable },
    { name: 'disable', ...mutation, routes: [route('PUT', '/supervisor/{supervisor_id}/disable')], handle: disable },
    {
      name: 'recover_plugin',
      ...mutation,
      routes: [route('POST', '/supervisor/{supervisor_id}/plugin/{plugin_id}/recover')],
      handle: recover,
    },
    { name: 'get', ...query, routes: [route('GET', '/supervisor/{supervisor_id}')], handle: get },
    {
      name: 'list',
      kind: 'query',
      cost: costOfList,
      routes: [route('GET', '/supervisors'), route('POST', '/supervisors/search')],
      handle: list,
    },
    { name: 'stat', kind: 'query', cost: costOfStatistics, routes: [route('POST', '/supervisors/stat')], handle: stat },
    {
      name: 'list_plugins',
      kind: 'query',
      cost: costOfPlugins,
      laneOf: laneOfListPlugins,
      routes: [
        route('GET', '/supervisor/{supervisor_id}/plugins'),
        route('POST', '/supervisor/{supervisor_id}/plugins/search'),
      ],
      handle: listPlugins,
    },
  ],
};

/** The service of other services that call plugins; over gRPC alone. */
export const pluginService: WireService = {
  name: 'spaceone.api.plugin.v1.Plugin',
  methods: [
    { name: 'get_plugin_endpoint', ...mutation, routes: [], handle: getPluginEndpoint },
    { name: 'get_plugin_metadata', ...query, routes: [], handle: null },
    { name: 'notify_failure', ...mutation, routes: [], handle: reportFailure },
  ],
};
