import { expect, test } from 'vitest';
import { fieldsOf, mostEntries, newLog, withEntry } from './liveLog.ts';

test('a log keeps the last entries, newest first, and counts the events among all', () => {
  let log = newLog;
  for (let turn = 1; turn <= mostEntries; turn++) log = withEntry(log, 'event', String(turn), new Date(turn));
  log = withEntry(log, 'note', 'lost', new Date(0));
  expect(log.entries).toHaveLength(mostEntries);
  expect(log.entries.slice(0, 2).map(({ content }) => content)).toEqual(['lost', String(mostEntries)]);
  expect(log.entries.at(-1)?.content).toBe('2');
  expect(log.events).toBe(mostEntries);
  expect(new Set(log.entries.map(({ id }) => id)).size).toBe(mostEntries);
});

test('the fields of an event make a line', () => {
  const event = { to: 'ERROR', reason: null, plugin: { version: '1.2', endpoints: ['a', 'b'] }, count: 2 };
  expect(fieldsOf(event).map((pair) => pair.join(' '))).toEqual([
    'to ERROR',
    'reason null',
    'plugin.version 1.2',
    'plugin.endpoints ["a","b"]',
    'count 2',
  ]);
});
