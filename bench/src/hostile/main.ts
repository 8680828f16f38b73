import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench } from '../bench.ts';
import { describeMachine } from '../describeMachine.ts';
import { createDatabase } from '../postgres.ts';
import { writeResults } from '../writeResults.ts';
import { type Arena, openArena } from './arena.ts';
import type { Attack } from './attack.ts';
import { type HostileOptions, readOptions, usage } from './options.ts';
import { measureAttack, measureQuiet } from './phase.ts';
import { type AttackResult, formatOutcomes, formatResults } from './table.ts';
import { readTraces } from './traces.ts';
import { findBreaches } from './verdict.ts';

/** The time that the server has after an attack until all must be as before. */
const recoveryMs = 5_000;
/** The time within which /ready must answer. */
const readyWithinMs = 1_000;
/** The longest phase after an attack. */
const afterSeconds = 5;

/** The bench of the measure in docs/bounds.md: an innocent tenant beside each attack. */
export const hostile: Bench = {
  summary: 'what one hostile client takes from an innocent tenant',
  usage,
  report: async (args, signal) => {
    const options = readOptions(args);
    const results: AttackResult[] = [];
    for (const attack of options.attacks) {
      const result = await attackOnce(attack, options, signal);
      results.push(result);
      console.error(`${attack.name}: ${describeResult(result)}`);
    }
    const text = formatResults(results, options);
    if (options.write) await writeResults(`${await describeMachine()}\n\n${text}`, 'hostile');
    return text;
  },
};

function describeResult(result: AttackResult): string {
  if ('failure' in result) return result.failure;
  const breaches = findBreaches(result.course).join(', ') || 'the measure holds';
  return `${breaches} (${formatOutcomes(result.outcomes)})`;
}

/** Attacks a fresh server, so that no attack suffers from an earlier one. */
async function attackOnce(attack: Attack, options: HostileOptions, signal: AbortSignal): Promise<AttackResult> {
  await using undo = new AsyncDisposableStack();
  const database = await createDatabase();
  undo.defer(() => database.drop());
  const arena = undo.use(await openArena({ ...options, databaseUrl: database.url }, signal));
  try {
    return await attackArena(arena, attack, options, signal);
  } catch (error) {
    // A server that an attack has ended, or silenced, is a result, too.
    signal.throwIfAborted();
    return { attack, failure: `BROKEN: ${error instanceof Error ? error.message : error}` };
  }
}

async function attackArena(
  arena: Arena,
  attack: Attack,
  { seconds, quietSeconds, warmUpSeconds }: HostileOptions,
  signal: AbortSignal,
): Promise<AttackResult> {
  await sleep(warmUpSeconds * 1_000, undefined, { signal });
  const quiet = await measureQuiet(arena, quietSeconds, readyWithinMs, signal);
  const tracesBefore = await readTraces(arena.server);
  const { outcomes, ...attacked } = await measureAttack(arena, attack, { seconds, readyWithinMs }, signal);
  await sleep(recoveryMs, undefined, { signal });
  const tracesAfter = await readTraces(arena.server);
  const after = await measureQuiet(arena, Math.min(quietSeconds, afterSeconds), readyWithinMs, signal);
  return { attack, outcomes, course: { quiet, attack: attacked, after, tracesBefore, tracesAfter } };
}
