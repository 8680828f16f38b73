import { QueueFullError } from '@muster/db';
import { describe, expect, test } from 'vitest';
import { type Queued, ReportQueue } from './reportQueue.ts';

interface Report extends Queued {
  readonly name: string;
}

const plugins = (count: number) => Array.from({ length: count }, () => null);

/** A report by `domain.supervisor`. */
function report(name: string, { credential = 'k', count = 0 } = {}): Report {
  const [domainId = ''] = name.split('.');
  return { name, domainId, credential, identity: name, plugins: plugins(count) };
}

function setUp() {
  const queue = new ReportQueue<Report>();
  return {
    queue,
    /** Queues reports; the error of the first that is refused. */
    add: (...reports: Report[]): unknown => {
      try {
        for (const each of reports) queue.add(each, () => 1_234);
      } catch (error) {
        return error;
      }
      return undefined;
    },
    /** Takes a batch, which has been run before the next one is taken. */
    take: (reports: number, most = 1_000_000) => {
      const batch = queue.takeBatch({ reports, plugins: most });
      queue.endBatch(batch);
      return batch.map(({ name }) => name);
    },
    /** Takes a batch that is under way until it is ended. */
    begin: (reports: number, most = 1_000_000) => {
      const batch = queue.takeBatch({ reports, plugins: most });
      return { names: batch.map(({ name }) => name), end: () => queue.endBatch(batch) };
    },
  };
}

const many = (domain: string, count: number, options = {}) =>
  Array.from({ length: count }, (_, i) => report(`${domain}.${i}`, options));

/** A refusal at once, that says when to come again. */
function expectFull(error: unknown): void {
  expect(error).toBeInstanceOf(QueueFullError);
  expect(error).toMatchObject({ retryAfterMs: 1_234 });
}

describe('W4: reports that wait are bounded; a further one is refused at once, with the time to wait', () => {
  test('20,000 of a domain, whatever others have waiting', () => {
    const { queue, add, take } = setUp();
    expect(add(...many('fleet', 20_000))).toBeUndefined();
    expectFull(add(report('fleet.one too many')));
    expect(queue.length).toBe(20_000);
    expect(add(report('other.a'))).toBeUndefined();
    // A turn is the domain's; the next one the other's.
    expect(take(2)).toEqual(['fleet.0', 'other.a']);
    expect(add(report('fleet.in its place'))).toBeUndefined();
    expectFull(add(report('fleet.one too many')));
  });

  test('400,000 plugins of a domain', () => {
    const { queue, add, take } = setUp();
    expect(add(...many('fleet', 400, { count: 1_000 }))).toBeUndefined();
    expectFull(add(report('fleet.with one', { count: 1 })));
    expect(add(report('fleet.with none'))).toBeUndefined();
    expect(add(report('other.a', { count: 1_000 }))).toBeUndefined();
    expect(queue.length).toBe(402);
    expect(take(1)).toEqual(['fleet.0']);
    expect(add(report('fleet.with many', { count: 1_000 }))).toBeUndefined();
  });

  test('20 of a supervisor, behind the one that is being written', () => {
    const { queue, add, take } = setUp();
    const again = () => report('fleet.a');
    expect(add(again())).toBeUndefined();
    expect(take(10)).toEqual(['fleet.a']);
    expect(add(...Array.from({ length: 20 }, again))).toBeUndefined();
    expectFull(add(again()));
    expect(add(report('fleet.b'))).toBeUndefined();
    // They come one by one, each when the one before has been written.
    expect(take(10)).toEqual(['fleet.b']);
    queue.release('fleet.a');
    expect(take(10)).toEqual(['fleet.a']);
    expect(add(again())).toBeUndefined();
    expectFull(add(again()));
  });

  test('and one that nobody waits for any longer makes room', () => {
    const { queue, add } = setUp();
    const [first, ...others] = many('fleet', 20_000);
    if (!first) throw new Error('expected reports');
    expect(add(first, ...others)).toBeUndefined();
    expectFull(add(report('fleet.another')));
    expect(queue.remove(first)).toBe(true);
    expect(queue.remove(first)).toBe(false);
    expect(add(report('fleet.another'))).toBeUndefined();
    expect(queue.length).toBe(20_000);
  });
});

describe('W4: batches', () => {
  test('are of all domains in turn, and in a domain of all credentials', () => {
    const { add, take } = setUp();
    add(...many('fleet', 100, { credential: 'k1' }), report('fleet.x', { credential: 'k2' }), report('other.a'));
    expect(take(4)).toEqual(expect.arrayContaining(['fleet.x', 'other.a']));
  });

  test('let a domain with large reports have fewer', () => {
    const { add, take } = setUp();
    add(...many('large', 20, { count: 36 }), ...many('small', 40));
    // A report of 36 plugins costs as much as ten without.
    const batch = take(22);
    expect(batch.filter((name) => name.startsWith('large'))).toHaveLength(2);
  });

  test('pass over a report that is too large for the rest; it is the first of the next', () => {
    const { queue, add, take } = setUp();
    add(report('a.1', { count: 60 }), report('b.1', { count: 60 }), report('c.1', { count: 10 }));
    expect(take(10, 100)).toEqual(['c.1', 'a.1']);
    expect(queue.isReady).toBe(true);
    expect(take(10, 100)).toEqual(['b.1']);
    expect([queue.isReady, queue.length]).toEqual([false, 0]);
  });

  test('have one report though that alone is too large', () => {
    const { add, take } = setUp();
    add(report('a.1', { count: 500 }));
    expect(take(10, 100)).toEqual(['a.1']);
  });

  test('of one domain are two at a time, and no more', () => {
    const { add, begin } = setUp();
    add(...many('fleet', 4));
    const first = begin(1);
    const second = begin(1);
    expect([first.names, second.names, begin(1).names]).toEqual([['fleet.0'], ['fleet.1'], []]);
    second.end();
    expect(begin(1).names).toEqual(['fleet.2']);
  });

  test('of a domain wait for the one under way while another domain has reports', () => {
    const { add, begin } = setUp();
    add(...many('fleet', 4));
    const first = begin(1);
    add(report('other.a'));
    expect(begin(10).names).toEqual(['other.a']);
    expect(begin(1).names).toEqual(['fleet.1']);
    add(report('other.b'), report('third.a'));
    first.end();
    expect(begin(10).names).toEqual(['third.a']);
  });

  test('leave a report that is too large for one to its domain, while that has another under way', () => {
    const { add, begin } = setUp();
    add(report('a.1', { count: 60 }), report('b.1', { count: 60 }));
    const first = begin(10, 100);
    expect(first.names).toEqual(['a.1']);
    add(report('a.2'));
    expect(begin(10, 100).names).toEqual(['b.1']);
    expect(begin(10, 100).names).toEqual(['a.2']);
  });
});
