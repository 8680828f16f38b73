import { setTimeout as sleep } from 'node:timers/promises';
import type { Assignment } from './contract.ts';
import { type GraphqlClient, operation } from './graphqlClient.ts';
import { retryDelayMs } from './keepPublishing.ts';

/** The supervisor whose assignments to follow, and the functions to call. */
export interface FollowOptions {
  client: GraphqlClient;
  /** Required unless the credential belongs to exactly one domain. */
  domainId?: string | undefined;
  hostname: string;
  /** Required where the supervisor was created with a secret. */
  secretKey?: string | undefined;
  /**
   * Called with the whole list at first and at each change: remove plugins that are not in the list, and restart those
   * of a generation that the agent doesn't run yet. The next list waits until this resolves; a throw ends
   * `followAssignments`.
   */
  onList: (assignments: readonly Assignment[]) => void | Promise<void>;
  /** Called at each failure, before the retry; until then the last list stays valid. */
  onError?: (error: unknown) => void;
  /** Ends the following without an error; nothing else does. */
  signal: AbortSignal;
  /** Random numbers from 0 up to 1, for jitter. Default `Math.random`. */
  random?: () => number;
}

/**
 * Follows the assignments of a supervisor, so that its agent reacts at once, until the signal aborts. A supervisor has
 * assignments only after its first publish. After a failure the next try comes after a growing pause, up to 30 s, and
 * begins with the whole list.
 */
export async function followAssignments(options: FollowOptions): Promise<void> {
  const { client, domainId, hostname, secretKey, onList, onError, signal, random = Math.random } = options;
  let failures = 0;
  while (!signal.aborted) {
    const variables = { domainId: domainId ?? null, hostname, secretKey: secretKey ?? null };
    const lists = client.subscribe(watchOperation, variables, signal);
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
  { domainId: string | null; hostname: string; secretKey: string | null }
>(`
  subscription Follow($domainId: ID, $hostname: String!, $secretKey: String) {
    watchAssignments(domainId: $domainId, hostname: $hostname, secretKey: $secretKey) {
      assignments { domainId pluginId version generation state }
    }
  }
`);
