import { setTimeout as sleep } from 'node:timers/promises';
import type { PluginReport } from './contract.ts';
import type { PublishAnswer, SupervisorAgent } from './supervisorAgent.ts';

export interface KeepPublishingOptions {
  /** What runs by now; asked before each publish. */
  reports: () => readonly PluginReport[];
  /** Is told of each answer before the wait for the next publish. What it throws ends the loop. */
  onAnswer?: (answer: PublishAnswer) => void;
  /** Is told of each publish that failed; the loop tries again. What it throws ends the loop. */
  onError?: (error: unknown) => void;
  /** The longest wait between publishes, whatever the server says. Default: what the server says. */
  maxIntervalMs?: number;
  /** Ends the loop, as the only thing that does so without an error. */
  signal: AbortSignal;
  /** Numbers from 0 up to 1, for jitter. */
  random?: () => number;
}

const firstRetryMs = 1_000;
const longestRetryMs = 30_000;

/**
 * Publishes until the signal is aborted, each time when the server's last answer asked for it. After a failure it
 * waits for ever longer, up to 30 s, so that a fleet doesn't trample a server that is coming back.
 */
export async function keepPublishing(agent: SupervisorAgent, options: KeepPublishingOptions): Promise<void> {
  const { signal, maxIntervalMs = Number.POSITIVE_INFINITY, random = Math.random } = options;
  let failures = 0;
  while (!signal.aborted) {
    const answer = await agent.publish(options.reports(), signal).catch((error: unknown) => {
      if (!signal.aborted) options.onError?.(error);
    });
    if (answer) options.onAnswer?.(answer);
    const waitMs = answer ? Math.min(answer.nextPublishInMs, maxIntervalMs) : retryDelayMs(failures, random);
    failures = answer ? 0 : failures + 1;
    await sleep(waitMs, undefined, { signal }).catch(() => {});
  }
}

/** Full jitter under a limit that doubles with each failure in a row. */
export function retryDelayMs(failures: number, random: () => number): number {
  return Math.ceil(random() * Math.min(longestRetryMs, firstRetryMs * 2 ** failures));
}
