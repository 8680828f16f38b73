import { setTimeout as sleep } from 'node:timers/promises';
import type { Arena } from './arena.ts';
import type { Attack } from './attack.ts';
import { type Outcomes, runAttack } from './attackProcess.ts';
import type { InnocentFigures } from './innocentProtocol.ts';
import { type ServerFigures, startMonitor } from './monitor.ts';

/** The figures of a phase. */
export interface Phase {
  readonly innocent: InnocentFigures;
  readonly server: ServerFigures;
}

/** Measures the server and the innocent tenant while something runs. */
async function measurePhase(
  { server, innocent }: Arena,
  readyWithinMs: number,
  run: () => Promise<unknown>,
): Promise<Phase> {
  const monitor = await startMonitor({ ...server, readyWithinMs });
  try {
    await innocent.begin();
    await run();
    return { innocent: await innocent.report(), server: await monitor.stop() };
  } finally {
    await monitor.stop();
  }
}

/** Measures a phase without an attack. */
export function measureQuiet(
  arena: Arena,
  seconds: number,
  readyWithinMs: number,
  signal: AbortSignal,
): Promise<Phase> {
  return measurePhase(arena, readyWithinMs, () => sleep(seconds * 1_000, undefined, { signal }));
}

/** Measures a phase with an attack. */
export async function measureAttack(
  arena: Arena,
  attack: Attack,
  { seconds, readyWithinMs }: { seconds: number; readyWithinMs: number },
  signal: AbortSignal,
): Promise<Phase & { outcomes: Outcomes }> {
  let outcomes: Outcomes = {};
  const phase = await measurePhase(arena, readyWithinMs, async () => {
    outcomes = await runAttack(attack, arena.target, seconds, signal);
  });
  return { ...phase, outcomes };
}
