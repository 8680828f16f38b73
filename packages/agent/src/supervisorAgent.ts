import { randomUUID } from 'node:crypto';
import type { JsonObject, ListedPlugin, PluginReport, RejectedPluginReport, SupervisorState } from './contract.ts';
import { type GraphqlClient, operation } from './graphqlClient.ts';

export interface SupervisorAgentOptions {
  client: GraphqlClient;
  /** Needed where the credential is for no single domain. */
  domainId?: string;
  name: string;
  /** With the domain, what the server knows this supervisor by. */
  hostname: string;
  /** Fixed by the publish that creates the supervisor: from then on each publish needs it. */
  secretKey?: string;
  /** Proposals: they count until an operator sets these fields. */
  labels?: JsonObject;
  tags?: JsonObject;
  /** Names this run of the agent. Default: a random one. */
  bootId?: string;
}

export interface PublishAnswer {
  readonly supervisorId: string;
  readonly state: SupervisorState;
  /** What the server has on this supervisor. A generation that the agent isn't at yet is work to do. */
  readonly plugins: readonly ListedPlugin[];
  readonly rejected: readonly RejectedPluginReport[];
  /** When to publish next. */
  readonly nextPublishInMs: number;
}

export interface SupervisorAgent {
  /**
   * Says that this supervisor lives and runs exactly these plugins: one that an earlier report had and this one lacks
   * counts as missing. With null it is a heartbeat that says nothing of plugins.
   *
   * @throws RequestError
   */
  publish(plugins: readonly PluginReport[] | null, signal?: AbortSignal): Promise<PublishAnswer>;
}

export function createSupervisorAgent(options: SupervisorAgentOptions): SupervisorAgent {
  const { client, ...identity } = options;
  const agent = { bootId: randomUUID(), ...identity };

  async function publishPage(
    plugins: readonly PluginReport[] | null,
    after: string | null,
    signal: AbortSignal | undefined,
  ): Promise<PublishData['publishSupervisor']> {
    const variables = { input: { ...agent, plugins }, after };
    return (await client.request(publishOperation, variables, signal)).publishSupervisor;
  }

  return {
    publish: async (plugins, signal) => {
      const first = await publishPage(plugins, null, signal);
      const listed = [...first.supervisor.plugins.nodes];
      let { pageInfo } = first.supervisor.plugins;
      while (pageInfo.hasNextPage) {
        // A heartbeat's answer has any page of the list, and an agent's credential allows nothing but publishing.
        const { supervisor } = await publishPage(null, pageInfo.endCursor, signal);
        listed.push(...supervisor.plugins.nodes);
        pageInfo = supervisor.plugins.pageInfo;
      }
      return {
        supervisorId: first.supervisor.id,
        state: first.supervisor.state,
        plugins: listed,
        rejected: first.rejected,
        nextPublishInMs: first.nextPublishInMs,
      };
    },
  };
}

interface PublishVariables {
  input: Omit<SupervisorAgentOptions, 'client'> & { plugins: readonly PluginReport[] | null };
  after: string | null;
}

interface PublishData {
  publishSupervisor: {
    supervisor: {
      id: string;
      state: SupervisorState;
      plugins: {
        nodes: readonly ListedPlugin[];
        pageInfo: { hasNextPage: boolean; endCursor: string | null };
      };
    };
    rejected: readonly RejectedPluginReport[];
    nextPublishInMs: number;
  };
}

const publishOperation = operation<PublishData, PublishVariables>(`
  mutation Publish($input: PublishSupervisorInput!, $after: String) {
    publishSupervisor(input: $input) {
      supervisor {
        id
        state
        plugins(first: 100, after: $after) {
          nodes { pluginId version state generation }
          pageInfo { hasNextPage endCursor }
        }
      }
      rejected { index pluginId version code message }
      nextPublishInMs
    }
  }
`);
