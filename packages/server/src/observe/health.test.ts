import { WorkStoppedError } from '@muster/db';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createHealth, type Health, type HealthOptions } from './health.ts';

let nowMs: number;
let asked: number;
let logged: [level: string, message: string, fields: object][];
let answer: () => Promise<{ headSeq: number; migration: string | null }>;
let state: { isListening: boolean; position: number; lastSweepAtMs: number; stalledMs: number };
let health: Health;

beforeEach(() => {
  nowMs = 1_000_000;
  asked = 0;
  logged = [];
  answer = async () => ({ headSeq: 7, migration: 'two' });
  state = { isListening: true, position: 7, lastSweepAtMs: nowMs, stalledMs: 0 };
  const options: HealthOptions = {
    tryWrite: () => {
      asked += 1;
      return answer();
    },
    isListening: () => state.isListening,
    position: () => state.position,
    lastSweepAtMs: () => state.lastSweepAtMs,
    sweepIntervalMs: 5_000,
    stalledMs: () => state.stalledMs,
    now: () => nowMs,
    repeatLog: { note: ({ level, message, fields }) => void logged.push([level, message, fields]) },
  };
  health = createHealth(options);
});
afterEach(() => health.close());

const reasons = async () => (await health.readiness()).reasons.map(({ reason }) => reason);
const databaseError = (code: string) => Object.assign(new Error(`state ${code}`), { code });

describe('O7: readiness is found out', () => {
  test('once for all who ask at once, and for a second after', async () => {
    const held = Promise.withResolvers<{ headSeq: number; migration: string }>();
    answer = () => held.promise;
    const probes = Array.from({ length: 100 }, () => health.readiness());
    held.resolve({ headSeq: 7, migration: 'two' });
    for (const found of await Promise.all(probes))
      expect(found).toEqual({ ready: true, reasons: [], migration: 'two' });
    nowMs += 999;
    await health.readiness();
    expect(asked).toBe(1);
    answer = () => Promise.reject(databaseError('08006'));
    nowMs += 1;
    expect(await health.readiness()).toMatchObject({ ready: false, migration: null });
    expect(asked).toBe(2);
  });

  test('by the server itself, though nobody asks', async () => {
    vi.useFakeTimers();
    try {
      await health.close();
      health = createHealth({
        ...({ isListening: () => false, position: () => 0, lastSweepAtMs: () => nowMs } as const),
        ...({ sweepIntervalMs: 5_000, stalledMs: () => 0, now: () => nowMs } as const),
        tryWrite: async () => ({ headSeq: 0, migration: null }),
        repeatLog: { note: ({ level, message, fields }) => void logged.push([level, message, fields]) },
      });
      await vi.advanceTimersByTimeAsync(5_000);
      expect(logged).toHaveLength(1);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('O7: not ready, with the reason', () => {
  test.each([
    ['a database that is read-only', databaseError('25006'), 'database_read_only'],
    ['a full disk', databaseError('53100'), 'disk_full'],
    ['no answer in time', new WorkStoppedError('deadline'), 'database_unreachable'],
    ['no connection', databaseError('53300'), 'database_unreachable'],
    ['another refusal', databaseError('42501'), 'write_failed'],
  ])('%s', async (_title, error, reason) => {
    answer = () => Promise.reject(error);
    expect(await reasons()).toEqual([reason]);
  });

  test('a listener that is down', async () => {
    state.isListening = false;
    expect(await reasons()).toEqual(['listener_down']);
  });

  test('an event that has been in the log for over 10 s and is not handed on', async () => {
    state.position = 6;
    expect(await reasons()).toEqual([]);
    state.lastSweepAtMs = nowMs += 10_000;
    expect(await reasons()).toEqual([]);
    state.lastSweepAtMs = nowMs += 1_000;
    expect(await reasons()).toEqual(['tail_behind']);
    // It is also known while the database says nothing new.
    answer = () => Promise.reject(databaseError('53100'));
    state.lastSweepAtMs = nowMs += 1_000;
    expect(await reasons()).toEqual(['disk_full', 'tail_behind']);
    state.position = 7;
    answer = async () => ({ headSeq: 8, migration: 'two' });
    state.lastSweepAtMs = nowMs += 1_000;
    expect(await reasons()).toEqual([]);
  });

  test('no event that a restore has taken out of the log (O5)', async () => {
    state.position = 6;
    expect(await reasons()).toEqual([]);
    state.position = 3;
    answer = async () => ({ headSeq: 3, migration: 'two' });
    state.lastSweepAtMs = nowMs += 11_000;
    expect(await reasons()).toEqual([]);
  });

  test('no sweep within three intervals', async () => {
    nowMs += 15_000;
    expect(await reasons()).toEqual([]);
    nowMs += 1_000;
    expect(await reasons()).toEqual(['sweep_overdue']);
  });

  test('writes that wait, none of which has got a connection for 2 s', async () => {
    state.stalledMs = 2_001;
    expect(await reasons()).toEqual(['lane_exhausted']);
  });

  test('a stop, of which nobody asks the database', async () => {
    health.beginStopping();
    expect(await reasons()).toEqual(['stopping']);
    expect(asked).toBe(0);
  });
});

test('O7: the log has each change of readiness once', async () => {
  answer = () => Promise.reject(databaseError('53100'));
  for (let i = 0; i < 5; i++, nowMs += 1_000) await health.readiness();
  answer = async () => ({ headSeq: 7, migration: 'two' });
  for (let i = 0; i < 5; i++, nowMs += 1_000) await health.readiness();
  expect(logged).toEqual([
    ['warn', "not ready: the database's disk is full", { reasons: ['disk_full'], reason: 'state 53100' }],
    ['info', 'ready again', {}],
  ]);
});
