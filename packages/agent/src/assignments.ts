import { setTimeout as sleep } from 'node:timers/promises';
import type { Assignment } from './contract.ts';
import { type GraphqlClient, operation } from './graphqlClient.ts';
import { retryDelayMs } from './keepPublishing.ts';

export interface FollowOptions {
  client: GraphqlClient;
  /** Needed where the credential is for no single domain. */
  domainId?: string | undefined;
  hostname: string;
  /**
   * Is told the whole list at first and whenever it changes: what is not in it is to be removed, and a generation that
   * the agent isn't at yet is work. The next list waits until it is done; what it throws ends the following.
   */
  onList: (assignments: readonly Assignment[]) => void | Promise<void>;
  /** Is told each time that the list was lost; the agent keeps what it has, and tries again. */
  onError?: (error: unknown) => void;
  /** Ends the following, as the only thing that does so without an error. */
  signal: AbortSignal;
  /** Numbers from 0 up to 1, for jitter. */
  random?: () => number;
}

/**
 * Follows what a supervisor is to run, so that its agent reacts at once. A supervisor has a list once it has published.
 * After a failure it waits for ever longer, up to 30 s, and begins anew with the whole list.
 */
export async function followAssignments(options: FollowOptions): Promise<void> {
  const { client, domainId, hostname, onList, onError, signal, random = Math.random } = options;
  let failures = 0;
  while (!signal.aborted) {
    const lists = client.subscribe(watchOperation, { domainId: domainId ?? null, hostname }, signal);
    for (;;) {
      const next = await lists.next().catch((error: unknown) => {
        if (!signal.aborted) onError?.(error);
      });
      if (!next || next.done) break;
      failures = 0;
      await onList(next.value.watchAssignments.assignments);
    }
    await sleep(retryDelayMs(failures, random), undefined, { signal }).catch(() => {});
    failures += 1;
  }
}

const watchOperation = operation<
  { watchAssignments: { assignments: readonly Assignment[] } },
  { domainId: string | null; hostname: string }
>(`
  subscription Follow($domainId: ID, $hostname: String!) {
    watchAssignments(domainId: $domainId, hostname: $hostname) {
      assignments { domainId pluginId version generation state }
    }
  }
`);
