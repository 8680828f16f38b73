import { describe, expect, test } from 'vitest';
import { type Candidate, rank } from './rank.ts';

const candidate = (id: string, values: Partial<Candidate> = {}): Candidate => ({
  id,
  name: id,
  domainId: 'own',
  state: 'ENABLED',
  isPublic: false,
  cordoned: false,
  priority: 0,
  lackingLabels: null,
  isTaken: false,
  pluginCount: 0,
  ...values,
});
const order = (candidates: Candidate[], random = () => 0) =>
  rank('own', candidates, random).map((considered) => considered.candidate.id);

describe('M2: the order is', () => {
  test('the own domain before public supervisors, whatever priority these give themselves', () => {
    const foreign = candidate('foreign', { priority: 9, domainId: 'other', isPublic: true });
    expect(order([foreign, candidate('a', { pluginCount: 5 })])).toEqual(['a', 'foreign']);
  });

  test('then the greater priority, even with more plugins', () => {
    const best = candidate('best', { priority: 2, pluginCount: 9 });
    expect(order([candidate('a', { priority: 1 }), best])).toEqual(['best', 'a']);
    const [far, near] = [1, 2].map((priority) =>
      candidate(`foreign-${priority}`, { priority, domainId: 'other', isPublic: true }),
    );
    expect(order([far, near].flatMap((one) => one ?? []))).toEqual(['foreign-2', 'foreign-1']);
  });

  test('then those with fewer plugins', () => {
    expect(order([candidate('a', { pluginCount: 2 }), candidate('b', { pluginCount: 1 })])).toEqual(['b', 'a']);
  });

  test('then chance', () => {
    const numbers = (values: number[]) => () => values.shift() ?? 0;
    expect(order([candidate('a'), candidate('b')], numbers([0.1, 0.9]))).toEqual(['a', 'b']);
    expect(order([candidate('a'), candidate('b')], numbers([0.9, 0.1]))).toEqual(['b', 'a']);
  });
});

test('M1, M3: whoever can not take it comes last, with the first rule that says so', () => {
  const rejected = [
    candidate('other', { domainId: 'other', state: 'DISABLED' }),
    candidate('disabled', { state: 'DISABLED', cordoned: true }),
    candidate('pending', { state: 'PENDING' }),
    candidate('disconnected', { state: 'DISCONNECTED' }),
    candidate('cordoned', { cordoned: true, lackingLabels: { a: 1 } }),
    candidate('labels', { lackingLabels: { a: 1 }, isTaken: true }),
    candidate('taken', { isTaken: true, priority: 9 }),
  ];
  const judged = rank('own', [...rejected, candidate('fit')], () => 0);
  expect(judged.map(({ candidate: { id }, rank: place, rejectedBy }) => [id, place, rejectedBy])).toEqual([
    ['fit', 1, null],
    ['other', null, 'OTHER_DOMAIN'],
    ['disabled', null, 'NOT_ENABLED'],
    ['pending', null, 'NOT_ENABLED'],
    ['disconnected', null, 'NOT_ENABLED'],
    ['cordoned', null, 'CORDONED'],
    ['labels', null, 'LABELS'],
    ['taken', null, 'ALREADY_THERE'],
  ]);
});
