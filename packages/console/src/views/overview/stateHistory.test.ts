import fc from 'fast-check';
import { expect, test } from 'vitest';
import { appended, historyMs, rewind, type StateStep } from './stateHistory.ts';

const at = (second: number) => new Date(second * 1_000).toISOString();

test('the counts of the past are those of now, with each change taken back', () => {
  const steps: StateStep[] = [
    { at: at(8), from: 'PENDING', to: 'ENABLED' },
    { at: at(5), from: 'NONE', to: 'PENDING' },
  ];
  expect(rewind({ ENABLED: 3 }, 10_000, steps)).toEqual([
    { at: 5_000, counts: { ENABLED: 2, PENDING: 1 } },
    { at: 8_000, counts: { ENABLED: 3 } },
    { at: 10_000, counts: { ENABLED: 3 } },
  ]);
});

test('whatever happened, playing it forward from the oldest sample gives the counts of now', () => {
  const states = ['NONE', 'PENDING', 'ENABLED', 'DISABLED'];
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(4), fc.constantFrom(...states)), { minLength: 1 }), (moves) => {
      const objects = ['NONE', 'ENABLED', 'ENABLED', 'PENDING', 'DISABLED'];
      const steps = moves.map(([index, to], second): StateStep => {
        const from = objects[index] ?? 'NONE';
        objects[index] = to;
        return { at: at(second), from, to };
      });
      const count = (state: string) => objects.filter((each) => each === state).length;
      const now = Object.fromEntries(states.slice(1).map((state) => [state, count(state)]));
      const samples = rewind(now, 1_000_000, steps.toReversed());
      expect(samples.at(-1)?.counts).toEqual(now);
      expect(samples.map((sample) => sample.at)).toEqual(samples.map((sample) => sample.at).sort((a, b) => a - b));
      expect(samples).toHaveLength(steps.length + 1);
    }),
  );
});

test('samples that are older than the time that is shown go, but for the one that reaches into it', () => {
  const samples = [0, 10, 20].map((time) => ({ at: time, counts: {} }));
  expect(appended(samples, { at: historyMs + 15, counts: {} }).map((sample) => sample.at)).toEqual([
    10,
    20,
    historyMs + 15,
  ]);
});
