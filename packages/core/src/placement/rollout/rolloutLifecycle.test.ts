import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import {
  endedStates,
  rolloutCommandOutcomes,
  rolloutCommands,
  rolloutLifecycle,
  stepLifecycle,
} from './rolloutLifecycle.ts';

type Table = Record<string, Record<string, string>>;

/** The tables of docs/domain.md's section about rollouts: by state and by column, an empty cell as ''. */
function specified(): Table[] {
  const law = readFileSync(new URL('../../../../../docs/domain.md', import.meta.url), 'utf8');
  const [, section = ''] = /^## Rollouts(.*?)^## /ms.exec(law) ?? [];
  const tables = section.matchAll(/^(\|.*\|)\n\|[-|]+\|\n((?:\|.*\|\n)+)/gm);
  return [...tables].map(([, heading = '', body = '']) => {
    const [, ...columns] = cellsOf(heading);
    const lines = body.trim().split('\n').map(cellsOf);
    return Object.fromEntries(
      lines.map(([state = '', ...cells]) => [
        state,
        Object.fromEntries(cells.map((cell, i) => [columns[i] ?? '', cell])),
      ]),
    );
  });
}

const cellsOf = (line: string) =>
  line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());

/** An event's name as the tables have it: `is retried in place`. */
const inWords = (event: string) => event.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

function written(lifecycle: Record<string, Record<string, string | null>>): Table {
  return Object.fromEntries(
    Object.entries(lifecycle).map(([state, outcomes]) => [
      state,
      Object.fromEntries(Object.entries(outcomes).map(([event, outcome]) => [inWords(event), outcome ?? ''])),
    ]),
  );
}

test('R1 to R6: the lifecycles of rollouts and of their steps are those that are specified', () => {
  const [rollouts, steps] = specified();
  const commands = Object.fromEntries(
    Object.entries(rolloutCommandOutcomes).map(([state, outcomes]) => [
      state,
      { ...outcomes, ...written(rolloutLifecycle)[state] },
    ]),
  );
  const names = Object.fromEntries(rolloutCommands.map((command) => [inWords(command), command]));
  const table = Object.entries(rollouts ?? {}).map(([state, cells]) => [
    state,
    Object.fromEntries(Object.entries(cells).map(([column, cell]) => [names[column] ?? column, cell])),
  ]);
  expect(commands).toEqual(Object.fromEntries(table));
  expect(written(stepLifecycle)).toEqual(steps);
});

test('R6: what has ended is left by a retry alone', () => {
  for (const state of endedStates) {
    const { retry, ...others } = rolloutCommandOutcomes[state];
    expect(Object.values(others).filter((outcome) => outcome !== 'refuse' && outcome !== 'stay')).toEqual([]);
    expect(Object.values(rolloutLifecycle[state]).filter((next) => next !== null)).toEqual([]);
    expect(['RUNNING', 'ROLLING_BACK', 'refuse']).toContain(retry);
  }
});
