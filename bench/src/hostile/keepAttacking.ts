import { setTimeout as sleep } from 'node:timers/promises';
import type { AttackContext } from './attack.ts';

/** Bounds an attack that is answered at once. */
const maxTurns = 1_000_000;
/** The pause after a failure of the connection, so that a closed port isn't asked in a busy loop. */
const pauseAfterFailureMs = 20;

/** Runs `attempt` again and again, `atATime` at a time, until the attack ends; counts the outcomes and the failures. */
export async function keepAttacking(
  { signal, count }: AttackContext,
  atATime: number,
  attempt: (turn: number) => Promise<string>,
): Promise<void> {
  let turn = 0;
  const run = async () => {
    while (!signal.aborted && turn < maxTurns) {
      const outcome = await attempt(turn++).catch((error: unknown) => failureName(error));
      if (signal.aborted) return;
      count(outcome);
      if (/^(E[A-Z]+|UND_ERR_\w+|ERR_\w+)$/.test(outcome)) await sleep(pauseAfterFailureMs);
    }
  };
  await Promise.all(Array.from({ length: atATime }, run));
}

/** Waits until the attack ends. */
export function untilTheEnd(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

/** The code of a failed connection, such as ECONNRESET. */
export function failureName(error: unknown): string {
  const { code, message } = error as { code?: unknown; message?: unknown };
  return typeof code === 'string' ? code : String(message ?? error);
}
