import type { JsonObject, ListedPlugin, PluginIdentity, PluginState, SupervisorState } from '../contract.ts';
import { operation } from '../graphqlClient.ts';
import type { SupervisorView } from './operatorStory.ts';

/** Checks that the server answers, and that its database does. */
export const pingOperation = operation<{ supervisors: { nodes: readonly { id: string }[] } }>(`
  query Ping {
    supervisors(first: 1) { nodes { id } }
  }
`);

/** How an operator's command names a supervisor. */
interface SupervisorTarget {
  supervisorId: string;
  domainId: string;
}

interface SupervisorsData {
  supervisors: {
    nodes: readonly (Omit<SupervisorView, 'plugins'> & { plugins: { nodes: readonly ListedPlugin[] } })[];
  };
}

/** Reads the demo's supervisors in a domain, by their hostnames. */
export const supervisorsOperation = operation<SupervisorsData, { domainId: string; hostnames: readonly string[] }>(`
  query Supervisors($domainId: ID!, $hostnames: [String!]!) {
    supervisors(domainId: $domainId, filter: { hostname: { in: $hostnames } }, first: 20) {
      nodes {
        id
        name
        hostname
        state
        lastSeenAt
        plugins(first: 20) {
          nodes { pluginId version state generation }
        }
      }
    }
  }
`);

/** Registers a supervisor that has published. */
export const registerOperation = operation<
  { registerSupervisor: { supervisor: { state: SupervisorState } } },
  { input: SupervisorTarget & { isPublic: boolean; priority: number; labels: JsonObject; tags: JsonObject } }
>(`
  mutation Register($input: RegisterSupervisorInput!) {
    registerSupervisor(input: $input) { supervisor { state } }
  }
`);

/** Enables a disabled supervisor. */
export const enableOperation = operation<
  { enableSupervisor: { supervisor: { state: SupervisorState } } },
  { input: SupervisorTarget }
>(`
  mutation Enable($input: EnableSupervisorInput!) {
    enableSupervisor(input: $input) { supervisor { state } }
  }
`);

/** Disables a supervisor, for maintenance. */
export const disableOperation = operation<
  { disableSupervisor: { supervisor: { state: SupervisorState } } },
  { input: SupervisorTarget }
>(`
  mutation Disable($input: DisableSupervisorInput!) {
    disableSupervisor(input: $input) { supervisor { state } }
  }
`);

/** Deregisters a supervisor. */
export const deregisterOperation = operation<
  { deregisterSupervisor: { deregisteredId: string } },
  { input: SupervisorTarget & { force: boolean } }
>(`
  mutation Deregister($input: DeregisterSupervisorInput!) {
    deregisterSupervisor(input: $input) { deregisteredId }
  }
`);

/** Recovers a failed plugin. */
export const recoverOperation = operation<
  { recoverPlugin: { plugin: { state: PluginState; generation: number } } },
  { input: SupervisorTarget & PluginIdentity }
>(`
  mutation Recover($input: RecoverPluginInput!) {
    recoverPlugin(input: $input) { plugin { state generation } }
  }
`);
