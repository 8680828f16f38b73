import { describe, expect, test } from 'vitest';
import { laneBounds, loadOf, type Turn, type TurnBounds, Turns } from './turns.ts';
import { ownTenant } from './work.ts';
import { QueueFullError } from './workErrors.ts';

const unbounded: TurnBounds = {
  running: 1,
  runningPerTenant: 100,
  runningPerCredential: 100,
  waitingPerTenant: 1_000,
  waitingPerCredential: 1_000,
};

/** Turns that note in which order they start, and that end one by one. */
function scene(bounds: Partial<TurnBounds> = {}) {
  const turns = new Turns<Turn>({ ...unbounded, ...bounds });
  const started: string[] = [];
  const running: Turn[] = [];
  const take = (name: string, options: Partial<Omit<Turn, 'start'>> = {}) => {
    const [tenant = '', credential = ''] = name.split('.');
    const turn: Turn = {
      tenant,
      credential,
      weight: 1,
      size: 1,
      load: options.size ?? 1,
      ...options,
      start: () => {
        started.push(name);
        running.push(turn);
      },
    };
    turns.take(turn, () => 100);
    return turn;
  };
  const endNext = () => {
    const turn = running.shift();
    if (turn) turns.done(turn);
  };
  const endAll = () => {
    while (running.length > 0) endNext();
  };
  return { turns, started, running, take, endNext, endAll };
}

describe('W4: tenants are served by turns', () => {
  test('one that asks for much waits for itself, and not the others for it', () => {
    const { started, take, endAll } = scene();
    for (let i = 0; i < 6; i++) take('greedy.key');
    take('modest.key');
    take('modest.key');
    endAll();
    expect(started.map((name) => name.split('.')[0])).toEqual([
      ...['greedy', 'greedy', 'modest', 'greedy', 'modest'],
      ...['greedy', 'greedy', 'greedy'],
    ]);
  });

  test('by weight: for one turn of ten points, others get ten points', () => {
    const { started, take, endNext, endAll } = scene();
    take('first.key');
    for (let i = 0; i < 3; i++) take('heavy.key', { weight: 10 });
    for (let i = 0; i < 30; i++) take('light.key');
    for (let i = 0; i < 33; i++) endNext();
    const order = started.slice(1).map((name) => name.split('.')[0]);
    const places = order.flatMap((name, place) => (name === 'heavy' ? [place] : []));
    expect(places.map((place) => order.slice(0, place).filter((name) => name === 'light').length)).toEqual([9, 19, 29]);
    endAll();
  });

  test('a tenant saves no points while nothing of it waits', () => {
    const { started, take, endNext, endAll } = scene();
    for (let i = 0; i < 6; i++) take('b.key');
    for (let i = 0; i < 3; i++) endNext();
    for (let i = 0; i < 3; i++) take('a.key');
    endAll();
    expect(started.slice(4)).toEqual(['b.key', 'a.key', 'b.key', 'a.key', 'a.key']);
  });

  test('the credentials of a tenant are served by turns, too', () => {
    const { started, take, endAll } = scene();
    for (let i = 0; i < 4; i++) take('t.greedy');
    take('t.modest');
    endAll();
    expect(started).toEqual(['t.greedy', 't.greedy', 't.modest', 't.greedy', 't.greedy']);
  });
});

describe('W5: what is under way is bounded', () => {
  test('for a credential: further turns of it wait, and those of others start', () => {
    const { started, take, endNext } = scene({ running: 6, runningPerCredential: 2 });
    for (let i = 0; i < 3; i++) take('t.greedy');
    take('t.modest');
    take('u.key');
    expect(started).toEqual(['t.greedy', 't.greedy', 't.modest', 'u.key']);
    endNext();
    expect(started.at(-1)).toBe('t.greedy');
  });

  test('for a tenant, whatever number of credentials it has', () => {
    const { started, take, endNext } = scene({ running: 6, runningPerCredential: 2, runningPerTenant: 4 });
    for (let i = 0; i < 6; i++) take(`t.key${i}`);
    take('u.key');
    expect(started).toEqual(['t.key0', 't.key1', 't.key2', 't.key3', 'u.key']);
    endNext();
    expect(started.at(-1)).toBe('t.key4');
  });

  test('not for the control plane itself, but by the connections that there are', () => {
    const { running, take } = scene({ running: 3, runningPerCredential: 1, runningPerTenant: 1 });
    for (let i = 0; i < 5; i++) take('x', { tenant: ownTenant });
    expect(running).toHaveLength(3);
  });

  test('by size: a turn that takes more leaves less, one that takes too much runs alone, and none overtakes it', () => {
    const { started, take, endNext, endAll } = scene({ running: Number.POSITIVE_INFINITY, runningPerCredential: 4 });
    take('t.key', { size: 3 });
    take('t.key', { size: 9 });
    take('t.key', { size: 1 });
    expect(started).toHaveLength(1);
    endNext();
    expect(started).toHaveLength(2);
    endAll();
    expect(started).toHaveLength(3);
  });
});

describe('W4: a queue that is full refuses at once', () => {
  test('saying when to try again, and only to the tenant whose queue it is', () => {
    const { turns, take } = scene({ waitingPerTenant: 2 });
    for (let i = 0; i < 3; i++) take(`t.key${i}`);
    expect(() => take('t.other')).toThrow(QueueFullError);
    expect(() => take('t.other')).toThrow(expect.objectContaining({ retryAfterMs: 100 }));
    take('u.key');
    expect(turns.waiting).toBe(3);
  });

  test('and only to the credential whose part of the queue is full', () => {
    const { take, turns } = scene({ waitingPerTenant: 4, waitingPerCredential: 2 });
    for (let i = 0; i < 3; i++) take('t.greedy');
    expect(() => take('t.greedy')).toThrow(QueueFullError);
    take('t.modest');
    expect(turns.waiting).toBe(3);
  });
});

test('a turn that is no longer wanted leaves the queue', () => {
  const { turns, started, take, endAll } = scene();
  take('a.key');
  const unwanted = take('b.key');
  take('c.key');
  turns.remove(unwanted);
  endAll();
  expect(started).toEqual(['a.key', 'c.key']);
  expect([turns.running, turns.waiting]).toEqual([0, 0]);
});

test('of tenants and credentials without a turn, only some are remembered', () => {
  const { turns, take, endAll } = scene();
  for (let i = 0; i < 1_000; i++) {
    take(`tenant-${i}.key`);
    endAll();
  }
  expect(turns.tenants).toBe(100);
});

describe('W5: a credential has a third of a lane, weighed by cost', () => {
  const bounds = laneBounds(12);

  test('a statement that takes long counts whole, one that is soon over half; both leave room to others of the tenant', () => {
    const long = scene(bounds);
    for (let i = 0; i < 20; i++) long.take('t.key', { load: loadOf(10_001) });
    expect(long.started).toHaveLength(4);
    const short = scene(bounds);
    for (let i = 0; i < 20; i++) short.take('t.key', { load: loadOf(10_000) });
    expect(short.started).toHaveLength(8);
  });

  test('a tenant leaves a third to others', () => {
    const { started, take } = scene(bounds);
    for (let i = 0; i < 20; i++) take(`t.key${i}`, { load: loadOf(1) });
    expect(started).toHaveLength(8);
    take('u.key');
    expect(started.at(-1)).toBe('u.key');
  });
});
