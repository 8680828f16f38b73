import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createRepeatLog } from './repeatLog.ts';

let lines: [level: string, fields: object, message: string][];
const log = {
  info: (fields: object, message: string) => void lines.push(['info', fields, message]),
  warn: (fields: object, message: string) => void lines.push(['warn', fields, message]),
  error: (fields: object, message: string) => void lines.push(['error', fields, message]),
} as unknown as Parameters<typeof createRepeatLog>[0];

beforeEach(() => {
  vi.useFakeTimers();
  lines = [];
});
afterEach(() => void vi.useRealTimers());

const away = (address: string) => Object.assign(new Error(`connect ECONNREFUSED ${address}`), { code: 'ECONNREFUSED' });

test('O12: the first of a kind is logged at once, and those of each 10 s after it together, the last one with their count', () => {
  const repeats = createRepeatLog(log);
  for (let i = 0; i < 500; i++) repeats.warn('lost', away(`a:${i}`));
  repeats.warn('another', away('b:1'));
  expect(lines).toEqual([
    ['warn', { reason: 'connect ECONNREFUSED a:0' }, 'lost'],
    ['warn', { reason: 'connect ECONNREFUSED b:1' }, 'another'],
  ]);
  vi.advanceTimersByTime(10_000);
  expect(lines.slice(2)).toEqual([['warn', { reason: 'connect ECONNREFUSED a:499', count: 499 }, 'lost']]);
  vi.advanceTimersByTime(10_000);
  repeats.warn('lost', away('a:1'));
  expect(lines.slice(3)).toEqual([['warn', { reason: 'connect ECONNREFUSED a:1' }, 'lost']]);
});

test('O12: an error that no outage explains keeps its stack', () => {
  const repeats = createRepeatLog(log);
  const error = new TypeError('x is no function');
  repeats.warn('a sweep failed', error);
  repeats.warn('waiting', undefined);
  expect(lines).toEqual([
    ['warn', { err: error }, 'a sweep failed'],
    ['warn', {}, 'waiting'],
  ]);
});

test('O12: kinds past the thousandth are counted together', () => {
  const repeats = createRepeatLog(log);
  for (let i = 0; i < 5_000; i++) repeats.note({ level: 'info', message: 'refused', fields: {}, kind: String(i) });
  expect(lines).toHaveLength(1_001);
  repeats.close();
  expect(lines.slice(1_001)).toEqual([['info', { count: 3_999 }, 'refused']]);
});
