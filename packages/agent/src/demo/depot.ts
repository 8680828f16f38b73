import { followAssignments } from '../assignments.ts';
import type { Assignment, PluginReport } from '../contract.ts';
import type { GraphqlClient } from '../graphqlClient.ts';
import { createSupervisorAgent } from '../supervisorAgent.ts';
import type { Narrate } from './narrator.ts';

/** A supervisor that runs exactly what it is told to, at once. */
export interface Depot {
  readonly name: string;
  readonly hostname: string;
  /** Publishes, so that it is known, and returns its id and state. */
  join(): Promise<{ supervisorId: string; state: string }>;
  /** Follows its list until the signal. */
  follow(signal: AbortSignal): Promise<void>;
}

/** The version that no depot can run. */
export const brokenVersion = '2.0.0-broken';

export function createDepot(options: {
  client: GraphqlClient;
  domainId: string;
  name: string;
  narrate: Narrate;
}): Depot {
  const { client, domainId, name, narrate } = options;
  const hostname = `${name}.${domainId}.svc.cluster.local`;
  const agent = createSupervisorAgent({ client, domainId, name, hostname });
  let running: readonly Assignment[] = [];

  const reportOf = ({ pluginId, version, generation }: Assignment): PluginReport =>
    version === brokenVersion
      ? { pluginId, version, state: 'ERROR', message: 'CrashLoopBackOff', observedGeneration: generation }
      : {
          pluginId,
          version,
          state: 'ACTIVE',
          endpoint: `grpc://${pluginId}-${version}.${hostname}:50051`,
          observedGeneration: generation,
        };

  return {
    name,
    hostname,
    join: () => agent.publish(running.map(reportOf)),
    follow: (signal) =>
      followAssignments({
        client,
        domainId,
        hostname,
        signal,
        onList: async (assignments) => {
          const isSame = assignments.length === 0 && running.length === 0;
          running = assignments;
          if (isSame) return;
          const list = assignments.map(({ pluginId, version }) => `${pluginId} ${version}`).join(', ');
          narrate({ domain: domainId, actor: name, what: 'is told what to run', result: list || 'nothing' });
          // A list that comes later tells what could not be reported now.
          await agent.publish(assignments.map(reportOf), signal).catch(() => {});
        },
      }),
  };
}
