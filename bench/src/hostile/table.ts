import { formatFigure, formatTable } from '../table.ts';
import type { Attack } from './attack.ts';
import type { Outcomes } from './attackProcess.ts';
import { operationNames } from './innocentProtocol.ts';
import type { Phase } from './phase.ts';
import { type Course, findBreaches } from './verdict.ts';

/** The result of an attack: its course, or why there is none. */
export type AttackResult =
  | { readonly attack: Attack; readonly course: Course; readonly outcomes: Outcomes }
  | { readonly attack: Attack; readonly failure: string };

const phaseHeader = [
  'attack',
  'phase',
  ...operationNames.flatMap((name) => [`${name} p50`, `${name} p99`]),
  'errors',
  'not ready',
  'memory MB',
  'server CPU',
  'database CPU',
];

/** Formats the results: the figures of each phase, and then the verdicts. */
export function formatResults(results: readonly AttackResult[], { seconds }: { seconds: number }): string {
  const rows = results.flatMap((result) => ('course' in result ? phaseRows(result.attack, result.course) : []));
  const verdicts = results.map((result) => [
    result.attack.name,
    ...('course' in result ? [verdict(result.course), formatOutcomes(result.outcomes)] : [result.failure, '']),
    result.attack.summary,
  ]);
  const held = results.filter((result) => 'course' in result && findBreaches(result.course).length === 0).length;
  return [
    formatTable(phaseHeader, rows),
    verdicts.map(([name, ...rest]) => [name, ...rest.filter((each) => each !== '')].join('\n    ')).join('\n'),
    `The measure holds for ${held} of ${results.length} attacks.`,
    explanation(seconds),
  ].join('\n\n');
}

function phaseRows({ name }: Attack, { quiet, attack, after }: Course): string[][] {
  const row = (title: string, phase: string, { innocent, server }: Phase) => [
    title,
    phase,
    ...operationNames.flatMap((each) => [innocent[each].p50Ms, innocent[each].p99Ms].map(formatFigure)),
    formatErrors(innocent),
    `${server.notReady} of ${server.readyAsked}`,
    formatFigure(server.peakBytes / 1_048_576),
    formatFigure(server.serverCpu),
    formatFigure(server.databaseCpu),
  ];
  return [row(name, 'quiet', quiet), row('', 'attack', attack), row('', 'after', after)];
}

/** Formats the innocent tenant's errors, of all its work. */
function formatErrors(innocent: Phase['innocent']): string {
  const counts = new Map<string, number>();
  for (const name of operationNames) {
    for (const [code, count] of Object.entries(innocent[name].errors))
      counts.set(code, (counts.get(code) ?? 0) + count);
  }
  return formatOutcomes(Object.fromEntries(counts)) || '0';
}

function verdict(course: Course): string {
  const breaches = findBreaches(course);
  return breaches.length === 0 ? 'the measure holds' : `BROKEN: ${breaches.join(', ')}`;
}

/** Formats outcomes, the most frequent first. */
export function formatOutcomes(outcomes: Outcomes): string {
  return Object.entries(outcomes)
    .sort(([, a], [, b]) => b - a)
    .map(([outcome, count]) => `${count.toLocaleString('en-US')} ${outcome}`)
    .join(', ');
}

function explanation(seconds: number): string {
  return [
    `Each attack lasts ${seconds} s, on a fresh server with its default settings; the innocent tenant works before, during and after it.`,
    'Times are milliseconds from the scheduled moment to the end of the answer. "after" begins 5 s after the attack. Errors are the innocent',
    "tenant's. CPU: seconds of CPU time a second; the database's is that of all PostgreSQL's processes. Memory: the largest resident memory.",
    'The measure: p99 within 5 times quiet and 250 ms, no error, always ready (within 1 s), memory within 150 MB, 5 s after it all as before.',
    'The attacker runs at a low priority, since its CPU time would be that of another computer.',
  ].join('\n');
}
