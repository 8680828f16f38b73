import { setTimeout as sleep } from 'node:timers/promises';
import { retryDelayMs } from '@muster/client';
import type { PluginReport } from './contract.ts';
import type { PublishAnswer, SupervisorAgent } from './supervisorAgent.ts';

/** The reports that an agent publishes, and the functions to call. */
export interface KeepPublishingOptions {
  /** Returns the plugins that run now; called before each publish. */
  reports: () => readonly PluginReport[];
  /** Called with each answer, before the wait for the next publish. A throw ends the loop. */
  onAnswer?: (answer: PublishAnswer) => void;
  /** Called with the error of each failed publish, before the retry. A throw ends the loop. */
  onError?: (error: unknown) => void;
  /** Maximum wait between publishes. Default: no maximum, the server decides alone. */
  maxIntervalMs?: number;
  /** Ends the loop without an error; nothing else does. */
  signal: AbortSignal;
  /** Random numbers from 0 up to 1, for jitter. Default `Math.random`. */
  random?: () => number;
}

/**
 * Publishes until the signal aborts, each time after the pause that the server's last answer asked for. After a failure
 * the retry comes after a growing pause, up to 30 s, so that a fleet doesn't overload a server that is coming back.
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
