import { expect, test } from 'vitest';
import { eventId, eventSeq, isId, kindOfId, newPluginInstanceId, newSupervisorId } from './ids.ts';

test('new ids are of their kind, and new', () => {
  expect(newSupervisorId()).toMatch(/^supervisor-[0-9a-f]{12}$/);
  expect(newPluginInstanceId()).toMatch(/^instance-[0-9a-f]{16}$/);
  expect(newSupervisorId()).not.toBe(newSupervisorId());
});

test.each([
  [newSupervisorId(), 'Supervisor'],
  [newPluginInstanceId(), 'Plugin'],
  [eventId(1), 'Event'],
  [eventId(9_007_199_254_740_991), 'Event'],
])('an id tells its kind: %s', (id, kind) => {
  expect(kindOfId(id)).toBe(kind);
  expect(isId('Supervisor', id)).toBe(kind === 'Supervisor');
});

test.each([
  '',
  'supervisor-',
  'supervisor-0123456789a',
  'supervisor-0123456789abc',
  'supervisor-0123456789AB',
  'supervisor-0123456789ab\n',
  ' supervisor-0123456789ab',
  'instance-0123456789ab',
  'event-0',
  'event-01',
  'event--1',
  'event-99999999999999999',
])('%j is no id', (text) => {
  expect(kindOfId(text)).toBeUndefined();
});

test('an event’s id is its place in the order', () => {
  expect(eventSeq(eventId(42))).toBe(42);
});
