import { expect, test } from 'vitest';
import { attacks } from './attacks.ts';
import type { Phase } from './phase.ts';
import { type Course, findBreaches } from './verdict.ts';

const operation = { requests: 100, p50Ms: 2, p99Ms: 10, errors: {} };
const phase: Phase = {
  innocent: { get: operation, list: operation, publish: operation },
  server: { peakBytes: 200e6, serverCpu: 0.1, databaseCpu: 0.1, readyAsked: 10, notReady: 0 },
};
const traces = { statements: 0, webSockets: 0, streams: 0, openFiles: 40 };
const held: Course = { quiet: phase, attack: phase, after: phase, tracesBefore: traces, tracesAfter: traces };
const withGet = (get: Partial<typeof operation>): Phase => ({
  ...phase,
  innocent: { ...phase.innocent, get: { ...operation, ...get } },
});

test('an attack that changes nothing keeps the measure', () => {
  expect(findBreaches(held)).toEqual([]);
});

test.each<[string, Partial<Course>, string[]]>([
  ['a p99 over 5 times the quiet one', { attack: withGet({ p99Ms: 51 }) }, ['get is slow']],
  ['a p99 over 250 ms', { quiet: withGet({ p99Ms: 100 }), attack: withGet({ p99Ms: 251 }) }, ['get is slow']],
  ['an error', { attack: withGet({ errors: { RATE_LIMITED: 1 } }) }, ['get is refused']],
  ['/ready', { attack: { ...phase, server: { ...phase.server, notReady: 1 } } }, ['not ready']],
  ['memory', { after: { ...phase, server: { ...phase.server, peakBytes: 400e6 } } }, ['memory stays']],
  ['slowness that stays', { after: withGet({ p99Ms: 60 }) }, ['get stays slow']],
  ['statements that stay', { tracesAfter: { ...traces, statements: 1 } }, ['statements stay']],
  ['streams that stay', { tracesAfter: { ...traces, streams: 1 } }, ['streams stay']],
  ['connections that stay', { tracesAfter: { ...traces, openFiles: 100 } }, ['connections stay']],
])('the measure is broken by %s', (_, change, breaches) => {
  expect(findBreaches({ ...held, ...change })).toEqual(breaches);
});

test('every attack has a name that differs from the others', () => {
  expect(new Set(attacks.map(({ name }) => name)).size).toBe(attacks.length);
});
