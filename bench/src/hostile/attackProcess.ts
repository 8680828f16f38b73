import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { stopProcess, untimelyEnd } from '../childProcess.ts';
import type { Attack, Target } from './attack.ts';

/** The outcomes of an attack, and how often each came: `ok`, error codes, statuses and failures of connections. */
export type Outcomes = Readonly<Record<string, number>>;

/** The last word of the attacker's process. */
export interface AttackDone {
  readonly outcomes: Outcomes;
}

/** Runs an attack in a separate process, and resolves with its outcomes once the process has ended. */
export async function runAttack(
  { name }: Attack,
  target: Target,
  seconds: number,
  signal: AbortSignal,
): Promise<Outcomes> {
  const child = fork(join(import.meta.dirname, 'attacker.ts'), [name, String(seconds), JSON.stringify(target)], {
    signal,
  });
  const end = untimelyEnd(child, `the attacker (${name})`);
  try {
    // A process that is busy sends its last word late; the bench doesn't wait for ever.
    const late = new Promise<never>((_, reject) => {
      setTimeout(() => reject(new Error(`the attacker (${name}) did not stop`)), seconds * 1_000 + 30_000).unref();
    });
    const [done]: AttackDone[] = await Promise.race([once(child, 'message'), end, late]);
    return done?.outcomes ?? {};
  } finally {
    await stopProcess(child);
  }
}
