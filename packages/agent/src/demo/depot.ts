import { followAssignments } from '../assignments.ts';
import type { Assignment, PluginReport } from '../contract.ts';
import type { GraphqlClient } from '../graphqlClient.ts';
import { createSupervisorAgent } from '../supervisorAgent.ts';
import type { Narrate } from './narrator.ts';

/** A supervisor that runs exactly its assignments, at once. */
export interface Depot {
  readonly name: string;
  readonly hostname: string;
  /** Publishes for the first time, and returns the supervisor's id and state. */
  join(): Promise<{ supervisorId: string; state: string }>;
  /** Follows the assignments until the signal aborts. */
  follow(signal: AbortSignal): Promise<void>;
}

/** A version that fails on every depot, for an upgrade that is rolled back. */
export const brokenVersion = '2.0.0-broken';

/** Creates a depot; nothing is sent before `join`. */
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
          // A report that fails is repeated with the next list.
          await agent.publish(assignments.map(reportOf), signal).catch(() => {});
        },
      }),
  };
}
