import { setPriority } from 'node:os';
import type { Target } from './attack.ts';
import type { AttackDone } from './attackProcess.ts';
import { attacks } from './attacks.ts';
import { failureName, untilTheEnd } from './keepAttacking.ts';

/** The arguments that this process is started with. */
const [name, seconds, targetText = '{}'] = process.argv.slice(2);
const target: Target = JSON.parse(targetText);
const attack = attacks.find((each) => each.name === name);
if (!attack) throw new Error(`there is no attack ${name}`);

// An attacker has a computer somewhere else: here the attacker leaves the CPU time to those who need it.
setPriority(10);

const outcomes = new Map<string, number>();
const count = (outcome: string) => void outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
const ending = new AbortController();
const timer = setTimeout(() => ending.abort(), Number(seconds) * 1_000);
process.once('SIGTERM', () => ending.abort());
// Only one process may be without a server to attack: the bench's end is this process's end.
process.once('disconnect', () => process.exit());

// A client's library may fail in any way while its connections are cut.
process.on('uncaughtException', (error) => {
  if (!ending.signal.aborted) count(failureName(error));
});
process.on('unhandledRejection', (error) => {
  if (!ending.signal.aborted) count(failureName(error));
});

const attacked = attack.run({ target, signal: ending.signal, count }).catch((error: unknown) => {
  if (!ending.signal.aborted) count(failureName(error));
});
// Answers that still come are no part of the attack.
await Promise.all([untilTheEnd(ending.signal), Promise.race([attacked, untilTheEnd(ending.signal)])]);
clearTimeout(timer);
const done: AttackDone = { outcomes: Object.fromEntries(outcomes) };
process.send?.(done, () => process.exit());
