import { expect, test } from 'vitest';
import { createSelection } from './selection.ts';

const shown = ['a', 'b', 'c', 'd', 'e'];

test('K10: Shift and a click choose all rows from the last one on, in either direction', () => {
  const selection = createSelection();
  selection.toggle('d', shown, false);
  selection.toggle('b', shown, true);
  expect([...selection.ids.value].sort()).toEqual(['b', 'c', 'd']);
  selection.toggle('c', shown, true);
  expect([...selection.ids.value]).toEqual(['d']);
});

test('K4: rows that are chosen stay chosen when the rows on the page are others', () => {
  const selection = createSelection();
  selection.toggle('a', shown, false);
  selection.toggleShown(['f', 'g']);
  expect([...selection.ids.value].sort()).toEqual(['a', 'f', 'g']);
  selection.toggle('f', ['f', 'g'], true);
  expect([...selection.ids.value].sort()).toEqual(['a', 'g']);
});

test('K10: a choice of all that match ends with the next choice of a row', () => {
  const selection = createSelection();
  selection.toggleShown(shown);
  selection.chooseAllMatching();
  expect(selection.isAllMatching.value).toBe(true);
  selection.toggle('a', shown, false);
  expect(selection.isAllMatching.value).toBe(false);
  expect(selection.ids.value.has('a')).toBe(false);
});
