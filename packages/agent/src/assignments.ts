import { followSubscription, type MusterClient, WatchAssignmentsDocument } from '@muster/client';
import type { Assignment } from './contract.ts';

/** The supervisor whose assignments to follow, and the functions to call. */
export interface FollowOptions {
  client: Pick<MusterClient, 'subscribe'>;
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
 * assignments only after its first publish. After any failure the next try comes after a growing pause, up to 30 s, and
 * begins with the whole list.
 */
export async function followAssignments(options: FollowOptions): Promise<void> {
  const { client, domainId, hostname, secretKey, onList, onError, signal, random } = options;
  const lists = followSubscription({
    client,
    document: WatchAssignmentsDocument,
    variables: () => ({ domainId: domainId ?? null, hostname, secretKey: secretKey ?? null }),
    // Each failure may pass: a key is renewed, a supervisor comes back (G6).
    retries: () => true,
    signal,
    ...(onError ? { onError } : {}),
    ...(random ? { random } : {}),
  });
  for await (const { watchAssignments } of lists) await onList(watchAssignments.assignments);
}
