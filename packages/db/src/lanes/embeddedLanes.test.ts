import { describe, expect, test } from 'vitest';
import { EmbeddedLanes } from './embeddedLanes.ts';
import { laneNames, ownWork, Work, type WorkOptions } from './work.ts';
import { QueueFullError, WorkStoppedError } from './workErrors.ts';

/** Lanes whose connection a sweep holds until `free` is called: what is asked for meanwhile waits. */
function takenLanes() {
  const lanes = new EmbeddedLanes();
  const started: string[] = [];
  const gate = Promise.withResolvers<void>();
  const holding = lanes.take(ownWork('sweeps'), () => gate.promise);
  const load = (lane: string) => lanes.loads.find((each) => each.lane === lane);
  return {
    lanes,
    started,
    load,
    /** Asks for a turn that ends at once. */
    ask: (work: Work, mark: string = work.lane) =>
      lanes.take(work, async () => {
        started.push(mark);
        return mark;
      }),
    free: async () => {
      gate.resolve();
      await holding;
    },
  };
}

function newWork(options: Partial<WorkOptions> = {}): Work {
  return Work.start({ lane: 'reads', tenant: 'd', credential: 'k', weight: 1, timeoutMs: null, ...options });
}

const gone = () => new WorkStoppedError('client');

describe('W4: the one connection of an embedded database', () => {
  test('does one thing at a time', async () => {
    const lanes = new EmbeddedLanes();
    let underWay = 0;
    const most: number[] = [];
    const works = laneNames.flatMap((lane) => [ownWork(lane), newWork({ lane }), newWork({ lane, tenant: 'e' })]);
    const run = async () => {
      underWay += 1;
      most.push(underWay);
      await new Promise((resolve) => setImmediate(resolve));
      underWay -= 1;
    };
    await Promise.all(works.map((work) => lanes.take(work, run)));
    expect(most).toEqual(works.map(() => 1));
  });

  test('is shared by the lanes where all have work: of 34 turns probes have 16, reports 8, sweeps and changes 4, reads 2', async () => {
    const { ask, started, free } = takenLanes();
    const asked = laneNames.flatMap((lane) => Array.from({ length: 34 }, () => ask(newWork({ lane }))));
    await free();
    await Promise.all(asked);
    // The first turn was that of a sweep, which held the connection.
    const first = ['sweeps', ...started].slice(0, 34);
    const turns = laneNames.map((lane) => [lane, first.filter((each) => each === lane).length]);
    expect(Object.fromEntries(turns)).toEqual({ probes: 16, reports: 8, sweeps: 4, changes: 4, reads: 2 });
  });

  test('goes to a read within 17 turns, whatever the others want; a lane without work saves nothing up', async () => {
    const { ask, started, free } = takenLanes();
    const probes = Array.from({ length: 200 }, () => ask(newWork({ lane: 'probes' })));
    await free();
    await probes[99];
    const read = ask(newWork());
    const more = ask(newWork());
    await Promise.all([...probes, read, more]);
    const reads = started.flatMap((lane, i) => (lane === 'reads' ? [i] : []));
    expect(reads[0]).toBeLessThanOrEqual(100 + 17);
    // Of the time without work it has nothing: the second read waits for its share.
    expect((reads[1] ?? 0) - (reads[0] ?? 0)).toBeGreaterThanOrEqual(8);
  });

  test('goes round the tenants of a lane, and in a tenant round its credentials', async () => {
    const { ask, started, free } = takenLanes();
    const greedy = Array.from({ length: 20 }, () => ask(newWork({ tenant: 'greedy', credential: 'a' }), 'greedy a'));
    const others = [
      ask(newWork({ tenant: 'greedy', credential: 'b' }), 'greedy b'),
      ask(newWork({ tenant: 'modest' }), 'modest'),
    ];
    await free();
    await Promise.all([...greedy, ...others]);
    expect(started.slice(0, 3).toSorted()).toEqual(['greedy a', 'greedy b', 'modest']);
  });

  test('is free again after a failure', async () => {
    const lanes = new EmbeddedLanes();
    await expect(lanes.take(newWork(), () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    expect(await lanes.take(newWork(), async () => 'next')).toBe('next');
  });
});

describe('W1: a work that is stopped', () => {
  test('while it waits, is answered at once and never runs', async () => {
    const { ask, started, load, free } = takenLanes();
    const work = newWork();
    const waiting = ask(work);
    work.stop(gone());
    await expect(waiting).rejects.toBe(work.stopped);
    expect(load('reads')).toMatchObject({ waiting: 0, cancelled: 1 });
    await free();
    await ask(newWork(), 'next');
    expect(started).toEqual(['next']);
    await expect(ask(work)).rejects.toBe(work.stopped);
  });

  test('while its statement runs, is answered at once; nothing else runs until that has ended', async () => {
    const lanes = new EmbeddedLanes();
    const statement = Promise.withResolvers<void>();
    const order: string[] = [];
    const work = newWork();
    const running = lanes.take(work, () => statement.promise.then(() => order.push('statement')));
    const next = lanes.take(newWork(), async () => order.push('next'));
    work.stop(gone());
    await expect(running).rejects.toBe(work.stopped);
    order.push('answered');
    statement.resolve();
    await next;
    expect(order).toEqual(['answered', 'statement', 'next']);
  });

  test('all are, where the server stops, and so is whatever comes later', async () => {
    const { lanes, ask, started, load, free } = takenLanes();
    const waiting = Promise.allSettled(laneNames.map((lane) => ask(newWork({ lane }))));
    const stopped = new WorkStoppedError('shutdown');
    const holding = expect(free()).rejects.toBe(stopped);
    lanes.interrupt(stopped);
    expect(await waiting).toEqual(laneNames.map(() => ({ status: 'rejected', reason: stopped })));
    await holding;
    await expect(ask(newWork())).rejects.toBe(stopped);
    expect(started).toEqual([]);
    expect(laneNames.map((lane) => load(lane)?.waiting)).toEqual(laneNames.map(() => 0));
  });
});

test('W4: a full queue refuses at once, with the time to wait, and only the tenant that has filled it', async () => {
  const { ask, load, free } = takenLanes();
  const waiting = Array.from({ length: 5_000 }, () => ask(newWork({ tenant: 'greedy' })));
  const refused = await ask(newWork({ tenant: 'greedy' })).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(QueueFullError);
  expect(refused).toMatchObject({ retryAfterMs: expect.any(Number) });
  expect((refused as QueueFullError).retryAfterMs).toBeGreaterThan(0);
  expect(load('reads')).toMatchObject({ waiting: 5_000, refused: 1 });
  const modest = ask(newWork({ tenant: 'modest' }), 'modest');
  await free();
  expect(await modest).toBe('modest');
  await Promise.all(waiting);
});
