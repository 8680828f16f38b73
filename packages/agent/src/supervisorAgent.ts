import { randomUUID } from 'node:crypto';
import { type MusterClient, type MutationData, PublishDocument, type PublishMutation } from '@muster/client';
import type { JsonObject, PluginReport } from './contract.ts';

type PublishPayload = MutationData<PublishMutation>['publishSupervisor'];

/** The supervisor that an agent publishes for. */
export interface SupervisorAgentOptions {
  client: Pick<MusterClient, 'mutate'>;
  /** Required unless the credential belongs to exactly one domain. */
  domainId?: string;
  name: string;
  /** Identifies the supervisor, together with the domain. */
  hostname: string;
  /** Set by the publish that creates the supervisor; each later publish must repeat it. Default: none. */
  secretKey?: string;
  /** Proposed labels, valid until an operator sets labels. */
  labels?: JsonObject;
  /** Proposed tags, valid until an operator sets tags. */
  tags?: JsonObject;
  /** Identifies this run of the agent. Default: a random UUID. */
  bootId?: string;
}

/** The server's answer to a publish. */
export interface PublishAnswer {
  readonly supervisorId: string;
  readonly state: PublishPayload['supervisor']['state'];
  /** The supervisor's plugins as the server knows them; restart those of a generation that doesn't run yet. */
  readonly plugins: PublishPayload['supervisor']['plugins']['nodes'];
  readonly rejected: PublishPayload['rejected'];
  /** The newcomer's own key, once: in the answer to an enrollment key (A7); null in every other. */
  readonly token: string | null;
  /** Pause before the next publish. */
  readonly nextPublishInMs: number;
}

/** The publishing side of one supervisor's agent. */
export interface SupervisorAgent {
  /**
   * Reports that the supervisor is alive and runs exactly these plugins: plugins of earlier reports that are not in the
   * list count as missing. With null, the publish is a heartbeat without a report.
   *
   * @throws RequestError if the server refuses, or can't be reached; the signal's reason once aborted
   */
  publish(plugins: readonly PluginReport[] | null, signal?: AbortSignal): Promise<PublishAnswer>;
}

/** Creates an agent; it sends nothing before the first publish. */
export function createSupervisorAgent(options: SupervisorAgentOptions): SupervisorAgent {
  const { client, ...identity } = options;
  const agent = { bootId: randomUUID(), ...identity };

  async function publishPage(
    plugins: readonly PluginReport[] | null,
    after: string | null,
    signal: AbortSignal | undefined,
  ): Promise<PublishPayload> {
    const variables = { input: { ...agent, plugins }, after };
    return (await client.mutate(PublishDocument, variables, signal)).publishSupervisor;
  }

  return {
    publish: async (plugins, signal) => {
      const first = await publishPage(plugins, null, signal);
      const listed = [...first.supervisor.plugins.nodes];
      let { pageInfo } = first.supervisor.plugins;
      while (pageInfo.hasNextPage) {
        // Heartbeats fetch the further pages: an agent's credential allows publishing alone.
        const { supervisor } = await publishPage(null, pageInfo.endCursor, signal);
        listed.push(...supervisor.plugins.nodes);
        pageInfo = supervisor.plugins.pageInfo;
      }
      return {
        supervisorId: first.supervisor.id,
        state: first.supervisor.state,
        plugins: listed,
        rejected: first.rejected,
        token: first.token,
        nextPublishInMs: first.nextPublishInMs,
      };
    },
  };
}
