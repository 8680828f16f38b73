import type { MusterClient } from '@muster/client';
import { followAssignments } from '../assignments.ts';
import { type Assignment, type PluginReport, pluginKey } from '../contract.ts';
import { createSupervisorAgent } from '../supervisorAgent.ts';
import type { Narrate } from './narrator.ts';

/** A supervisor that runs exactly its assignments, at once, but for those that fail there. */
export interface Depot {
  readonly name: string;
  readonly hostname: string;
  /** Publishes for the first time, and returns the supervisor's id and state. */
  join(): Promise<{ supervisorId: string; state: string }>;
  /** Follows the assignments until the signal aborts. */
  follow(signal: AbortSignal): Promise<void>;
}

/** A version that fails on every depot, for upgrades that are rolled back. */
export const brokenVersion = '2.0.0-broken';

/** Creates a depot; nothing is sent before `join`. */
export function createDepot(options: {
  client: MusterClient;
  domainId: string;
  name: string;
  narrate: Narrate;
  /** The id of a plugin that fails on this depot. Default: none. */
  failing?: string;
}): Depot {
  const { client, domainId, name, narrate, failing } = options;
  const hostname = `${name}.${domainId}.svc.cluster.local`;
  const agent = createSupervisorAgent({ client, domainId, name, hostname });
  let running: readonly Assignment[] = [];

  const tell = (what: string, result: string) => narrate({ domain: domainId, actor: name, what, result });
  const failureOf = ({ pluginId, version }: Assignment) => {
    if (version === brokenVersion) return 'CrashLoopBackOff';
    return pluginId === failing ? 'no space left on device' : null;
  };
  const reportOf = (assignment: Assignment): PluginReport => {
    const { pluginId, version, generation: observedGeneration } = assignment;
    const message = failureOf(assignment);
    if (message !== null) return { pluginId, version, state: 'ERROR', message, observedGeneration };
    const endpoint = `grpc://${pluginId}-${version}.${hostname}:50051`;
    return { pluginId, version, state: 'ACTIVE', endpoint, observedGeneration };
  };

  function tellChange(earlier: readonly Assignment[]): void {
    const list = listed(running);
    // The states alone may have changed.
    if (list !== listed(earlier)) tell('is told what to run', list || 'nothing');
    const known = new Set(earlier.map((assignment) => pluginKey(assignment)));
    for (const assignment of running.filter((each) => !known.has(pluginKey(each)))) {
      const failure = failureOf(assignment);
      if (failure !== null) tell(`can't run ${pluginKey(assignment)}`, failure);
    }
  }

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
          const earlier = running;
          running = assignments;
          if (assignments.length === 0 && earlier.length === 0) return;
          tellChange(earlier);
          // A report that fails is repeated with the next list.
          await agent.publish(assignments.map(reportOf), signal).catch(() => {});
        },
      }),
  };
}

function listed(assignments: readonly Assignment[]): string {
  return assignments.map((assignment) => pluginKey(assignment)).join(', ');
}
