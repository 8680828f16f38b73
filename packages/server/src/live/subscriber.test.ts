import { setImmediate } from 'node:timers/promises';
import { createPacer, DomainError, encodeCursor, type Feed, type Sequenced } from '@muster/core';
import { createRights, testLog } from '@muster/core/testing';
import type { ExecutionResult } from 'graphql';
import { beforeEach, describe, expect, test } from 'vitest';
import { createFakeFeed, nothing } from '../../testing/fakeFeed.ts';
import { FakePoints } from '../../testing/fakePoints.ts';
import { FakeSocketWriter } from '../../testing/fakeSocketWriter.ts';
import { EventBudgets } from './eventBudgets.ts';
import { createFrameWriter, type FrameWriter } from './frame.ts';
import type { Payload, PayloadSink } from './payload.ts';
import { createStarts } from './starts.ts';
import { joinGroup } from './subscriber.ts';

const rights = createRights(Date.now);
const cursorAt = (seq: number) => encodeCursor(testLog, seq);

let writer: FakeSocketWriter;
let subscriber: PayloadSink;
let left: number;
let started: number;
beforeEach(() => {
  writer = new FakeSocketWriter();
  left = 0;
  started = 0;
});

const payloadAt = (seq: number, extra = ''): Payload => ({
  seq,
  changeSeq: seq,
  text: Buffer.from(JSON.stringify({ data: { seq, ...(extra && { extra }) } })),
});
const bookmarkAt = (seq: number): Payload => ({ ...payloadAt(seq), changeSeq: null });
const deliver = (...places: number[]) => subscriber.deliver(places.map((seq) => payloadAt(seq)));

type Limits = { bufferEvents?: number; bufferBytes?: number; frames?: FrameWriter };

function joined(feed: Partial<Feed<Sequenced>> = {}, limits: Limits = {}) {
  const iterator = joinGroup({
    cursorAt,
    rights,
    id: 'op',
    writer,
    frames: createFrameWriter(),
    feed: createFakeFeed(feed),
    execute: async ({ seq }): Promise<ExecutionResult> => ({ data: { seq } }),
    group: {
      join: (joining) => {
        subscriber = joining;
        return () => {
          left += 1;
        };
      },
    },
    bufferEvents: 5,
    onStarted: () => {
      started += 1;
    },
    onOver: () => {},
    pointsPerItem: 100,
    budgets: new EventBudgets({ points: new FakePoints(), onPause: () => {} }),
    pacer: createPacer(),
    starts: createStarts(10),
    bufferBytes: 10_000,
    ...limits,
  });
  const end = iterator.next().then(
    ({ done }) => ({ done }),
    (error: unknown) => ({ error }),
  );
  return { iterator, end };
}

/** One whose beginning is over: what is delivered is sent. */
async function live(limits: Limits = {}) {
  const begun = Promise.withResolvers<void>();
  const subscription = joined(
    {
      start: async () => {
        begun.resolve();
        return { initialItems: nothing(), resumeSeq: 0, liveAfterSeq: () => 0 };
      },
    },
    limits,
  );
  await begun.promise;
  await setImmediate();
  return subscription;
}

/** A beginning that goes on when a test says so. */
function history(...items: Sequenced[]) {
  const steps = items.map(() => Promise.withResolvers<void>());
  const over = Promise.withResolvers<void>();
  async function* read(): AsyncGenerator<Sequenced, undefined> {
    for (const [i, item] of items.entries()) {
      await steps[i]?.promise;
      yield item;
    }
    await over.promise;
  }
  return { items: read(), step: (i: number) => steps[i]?.resolve(), end: () => over.resolve() };
}

const slow = (lastCursor: string | null) => ({ error: { code: 'SLOW_CONSUMER', details: { lastCursor } } });

describe('a subscription', () => {
  test('says that it has started once it has its place in the log, and never where it has ended before', async () => {
    const place = Promise.withResolvers<void>();
    const start = async () => {
      await place.promise;
      return { initialItems: nothing(), resumeSeq: 0, liveAfterSeq: () => 0 };
    };
    joined({ start });
    const { iterator } = joined({ start });
    await setImmediate();
    expect(started).toBe(0);
    await iterator.return?.();
    place.resolve();
    await setImmediate();
    expect(started).toBe(1);
  });

  test('sends what comes first for it, and then what is news, in order, under its own id', async () => {
    const past = history({ seq: 1 }, { seq: 2 });
    const { iterator } = joined({
      afterSeq: 0,
      start: async () => ({ initialItems: past.items, resumeSeq: 0, liveAfterSeq: () => 2 }),
    });
    deliver(1);
    past.step(0);
    await expect.poll(() => writer.places).toEqual([1]);
    deliver(2, 3);
    past.step(1);
    past.end();
    await expect.poll(() => writer.places).toEqual([1, 2, 3]);
    deliver(2, 4);
    expect(writer.places).toEqual([1, 2, 3, 4]);
    expect(writer.messages.every(({ id }) => id === 'op')).toBe(true);
    await iterator.return?.();
  });

  test('executes of a long history many together, and sends all of it in order', async () => {
    const places = Array.from({ length: 500 }, (_, i) => i + 1);
    const { iterator } = joined({
      afterSeq: 0,
      start: async () => ({ initialItems: inOrder(places), resumeSeq: 0, liveAfterSeq: () => 500 }),
    });
    await expect.poll(() => writer.places).toEqual(places);
    await setImmediate();
    deliver(500, 501);
    expect(writer.places).toEqual([...places, 501]);
    await iterator.return?.();
  });

  test('keeps what a full socket does not take, and sends it in order once it does', async () => {
    const { iterator } = await live();
    writer.ready = false;
    deliver(1);
    deliver(2, 3);
    expect(writer.places).toEqual([]);
    writer.drain();
    deliver(4);
    expect(writer.places).toEqual([1, 2, 3, 4]);
    await iterator.return?.();
  });

  test('that has kept up gets what comes at once, however much, but writes only as much as the socket takes', async () => {
    const { iterator } = await live({ bufferEvents: 5, bufferBytes: 10_000 });
    const write = writer.write.bind(writer);
    writer.write = (frames) => {
      writer.ready = false;
      return write(frames);
    };
    subscriber.deliver(Array.from({ length: 100 }, (_, i) => payloadAt(i + 1, 'x'.repeat(2_000))));
    expect(writer.writes).toHaveLength(1);
    expect(writer.writes[0]).toBeLessThan(40_000);
    while (writer.places.length < 100) writer.drain();
    expect(writer.places).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
    await iterator.return?.();
  });

  test('is told a bookmark unless it is further than that', async () => {
    const { iterator } = joined({
      afterSeq: 5,
      start: async () => ({ initialItems: nothing(), resumeSeq: 5, liveAfterSeq: () => 0 }),
    });
    await setImmediate();
    subscriber.deliver([bookmarkAt(4)]);
    subscriber.deliver([bookmarkAt(5)]);
    subscriber.deliver([payloadAt(6), bookmarkAt(8)]);
    expect(writer.places).toEqual([5, 6, 8]);
    await iterator.return?.();
  });

  test('that has a snapshot is told no bookmark from before it', async () => {
    const snapshot = history({ seq: 1, partial: true }, { seq: 9 });
    const { iterator } = joined({
      start: async () => ({ initialItems: snapshot.items, resumeSeq: null, liveAfterSeq: () => 9 }),
    });
    snapshot.step(0);
    await expect.poll(() => writer.places).toEqual([1]);
    subscriber.deliver([bookmarkAt(5), payloadAt(8), payloadAt(10)]);
    snapshot.step(1);
    snapshot.end();
    await expect.poll(() => writer.places).toEqual([1, 9, 10]);
    await iterator.return?.();
  });
});

describe('E5: one that falls behind ends with SLOW_CONSUMER and the cursor of the last that it was sent', () => {
  test('by events', async () => {
    const { end } = await live({ bufferEvents: 3 });
    deliver(1, 2);
    writer.ready = false;
    deliver(3, 4);
    deliver(5);
    expect(left).toBe(0);
    deliver(6);
    expect(await end).toMatchObject(slow(cursorAt(2)));
    expect(left).toBe(1);
    writer.drain();
    deliver(7);
    expect(writer.places).toEqual([1, 2]);
  });

  test('by bytes', async () => {
    const { end } = await live({ bufferBytes: 1_000 });
    deliver(1);
    writer.ready = false;
    subscriber.deliver([payloadAt(2, 'x'.repeat(900))]);
    expect(left).toBe(0);
    subscriber.deliver([payloadAt(3, 'x'.repeat(200))]);
    expect(await end).toMatchObject(slow(cursorAt(1)));
  });

  test('what was sent no longer counts', async () => {
    const { iterator } = await live({ bufferEvents: 3, bufferBytes: 200 });
    for (let seq = 0; seq < 30; seq += 3) {
      writer.ready = false;
      deliver(seq + 1, seq + 2, seq + 3);
      writer.drain();
    }
    expect(writer.places).toHaveLength(30);
    await iterator.return?.();
  });

  test('while it still reads history: the last of it that was sent', async () => {
    const past = history({ seq: 1 }, { seq: 2 });
    const { end } = joined(
      { afterSeq: 0, start: async () => ({ initialItems: past.items, resumeSeq: 0, liveAfterSeq: () => 2 }) },
      { bufferEvents: 2 },
    );
    past.step(0);
    await expect.poll(() => writer.places).toEqual([1]);
    deliver(3, 4, 5);
    expect(await end).toMatchObject(slow(cursorAt(1)));
    past.step(1);
    past.end();
    await setImmediate();
    expect(writer.places).toEqual([1]);
  });

  test('before any of its history was sent: where it asked to begin', async () => {
    const past = history({ seq: 8 });
    const { end } = joined(
      { afterSeq: 7, start: async () => ({ initialItems: past.items, resumeSeq: 7, liveAfterSeq: () => 0 }) },
      { bufferEvents: 1 },
    );
    deliver(9, 10);
    expect(await end).toMatchObject(slow(cursorAt(7)));
  });

  test('before SYNCED of a snapshot: none, since only a new beginning will do', async () => {
    const snapshot = history({ seq: 1, partial: true }, { seq: 1 });
    const { end } = joined(
      { start: async () => ({ initialItems: snapshot.items, resumeSeq: null, liveAfterSeq: () => 0 }) },
      { bufferEvents: 1 },
    );
    snapshot.step(0);
    await expect.poll(() => writer.places).toEqual([1]);
    deliver(2, 3);
    expect(await end).toMatchObject(slow(null));
  });

  test('and after SYNCED: there', async () => {
    const snapshot = history({ seq: 1, partial: true }, { seq: 4 });
    const { end } = joined(
      { start: async () => ({ initialItems: snapshot.items, resumeSeq: null, liveAfterSeq: () => 0 }) },
      { bufferEvents: 1 },
    );
    for (const i of [0, 1]) snapshot.step(i);
    snapshot.end();
    await expect.poll(() => writer.places).toEqual([1, 4]);
    await setImmediate();
    writer.ready = false;
    deliver(5, 6);
    expect(await end).toMatchObject(slow(cursorAt(4)));
  });

  test('so does each subscriber of a group that fell behind, with a cursor of its own', async () => {
    const { end } = await live();
    deliver(1, 2);
    subscriber.end(new DomainError('SLOW_CONSUMER', 'the group', { lastCursor: cursorAt(99) }));
    expect(await end).toMatchObject(slow(cursorAt(2)));
  });
});

describe('the end of a subscription', () => {
  test('by its client is the end: it leaves once, and nothing is told any more, nor that it has ended', async () => {
    const { iterator, end } = await live();
    writer.ready = false;
    deliver(1);
    await iterator.return?.();
    await iterator.return?.();
    subscriber.end(new Error('too late'));
    writer.drain();
    deliver(2);
    // Another operation may go by its id by now, and would be taken for the one that ended.
    expect(await Promise.race([end, setImmediate('nothing')])).toBe('nothing');
    expect([left, writer.places, writer.release]).toEqual([1, [], undefined]);
  });

  test('in the midst of its history stops the reading of it', async () => {
    const past = history({ seq: 1 }, { seq: 2 }, { seq: 3 });
    const { iterator } = joined({
      start: async () => ({ initialItems: past.items, resumeSeq: 0, liveAfterSeq: () => 0 }),
    });
    past.step(0);
    await expect.poll(() => writer.places).toEqual([1]);
    await iterator.return?.();
    for (const i of [1, 2]) past.step(i);
    past.end();
    await setImmediate();
    expect(writer.places).toEqual([1]);
    expect(await past.items.next()).toEqual({ value: undefined, done: true });
  });

  test('by its group is no error where the group had none', async () => {
    const { end } = await live();
    subscriber.end();
    expect(await end).toEqual({ done: true });
  });

  test('by a failure is that failure, once', async () => {
    const { end } = await live();
    const error = new Error('first');
    subscriber.end(error);
    subscriber.end(new Error('second'));
    expect(await end).toEqual({ error });
    expect(left).toBe(1);
  });

  test('by a start that fails is that failure', async () => {
    const error = new DomainError('CURSOR_EXPIRED', 'gone');
    const { end } = joined({ start: () => Promise.reject(error) });
    expect(await end).toEqual({ error });
    expect([left, writer.release]).toEqual([1, undefined]);
  });

  test('by the connection leaves the group, with nobody to tell', async () => {
    await live();
    writer.release?.();
    deliver(1);
    expect([left, writer.places, writer.release]).toEqual([1, [], undefined]);
  });
});

async function* inOrder(places: number[]): AsyncGenerator<Sequenced, undefined> {
  for (const seq of places) yield { seq };
}

test('a payload of any size goes to all subscribers from one buffer, since each of thousands would else have its own', async () => {
  const frames = createFrameWriter();
  const written: Buffer[] = [];
  const takesAll = () => {
    const fake = new FakeSocketWriter();
    fake.write = (buffer) => {
      written.push(buffer);
      return true;
    };
    return fake;
  };
  const subscribers: PayloadSink[] = [];
  for (const each of [takesAll(), takesAll()]) {
    writer = each;
    await live({ frames });
    subscribers.push(subscriber);
  }
  for (const extra of ['', 'x'.repeat(100_000)]) {
    const payloads = [payloadAt(1 + written.length, extra)];
    for (const each of subscribers) each.deliver(payloads);
  }
  expect(written.map((buffer) => buffer === written[0])).toEqual([true, true, false, false]);
  expect(written[3]).toBe(written[2]);
});
