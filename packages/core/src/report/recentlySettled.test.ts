import { expect, test } from 'vitest';
import { RecentlySettled } from './recentlySettled.ts';

test('a report may be settled unless the last one of its supervisor was another, or was not settled', () => {
  const settled = new RecentlySettled();
  expect(settled.mayBe('acme a', 'first')).toBe(true);
  settled.note('acme a', 'first');
  expect(settled.mayBe('acme a', 'first')).toBe(true);
  expect(settled.mayBe('acme a', 'second')).toBe(false);
  expect(settled.mayBe('acme b', 'second')).toBe(true);
  settled.note('acme a', null);
  expect(settled.mayBe('acme a', 'first')).toBe(false);
});

test('supervisors that share a place are forgotten for each other, and then may be settled', () => {
  const settled = new RecentlySettled();
  const identities = Array.from({ length: 200_000 }, (_, i) => `acme host-${i}`);
  for (const identity of identities) settled.note(identity, null);
  const forgotten = identities.filter((identity) => settled.mayBe(identity, 'any'));
  expect(forgotten.length).toBeGreaterThan(100_000);
  expect(identities.length - forgotten.length).toBeGreaterThan(40_000);
});
