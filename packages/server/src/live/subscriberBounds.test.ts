import { setImmediate } from 'node:timers/promises';
import { createPacer, Effort, type Feed, openViewer, type Sequenced } from '@muster/core';
import { createRights } from '@muster/core/testing';
import { expect, test } from 'vitest';
import { createFakeFeed } from '../../testing/fakeFeed.ts';
import { FakePoints } from '../../testing/fakePoints.ts';
import { FakeSocketWriter } from '../../testing/fakeSocketWriter.ts';
import { EventBudgets } from './eventBudgets.ts';
import { createFrameWriter } from './frame.ts';
import type { Payload, PayloadSink } from './payload.ts';
import { createStarts } from './starts.ts';
import { joinGroup } from './subscriber.ts';

const payload: Payload = { seq: 1, changeSeq: 1, text: Buffer.from('{"data":{"seq":1}}') };

/** A subscription on a socket; each initial item takes 100 points. */
function joined(feed: Partial<Feed<Sequenced>>, points = new FakePoints()) {
  const writer = new FakeSocketWriter();
  let subscriber: PayloadSink | undefined;
  const iterator = joinGroup({
    cursorAt: String,
    rights: createRights(Date.now),
    id: 'op',
    writer,
    frames: createFrameWriter(),
    feed: createFakeFeed(feed),
    execute: async ({ seq }) => ({ data: { seq } }),
    group: {
      join: (joining) => {
        subscriber = joining;
        return () => {};
      },
    },
    pointsPerItem: 100,
    budgets: new EventBudgets({ points, onPause: () => {} }),
    pacer: createPacer(),
    starts: createStarts(10),
    bufferEvents: 5,
    bufferBytes: 10_000,
    onStarted: () => {},
    onOver: () => {},
  });
  return { iterator, writer, deliver: () => subscriber?.deliver([payload]) };
}

test('W8: initial items take points from the viewer’s credential, and wait where it has none', async () => {
  const points = new FakePoints(300);
  const { writer } = joined(
    {
      start: async () => ({
        initialItems: (async function* () {
          for (let seq = 1; seq <= 10; seq++) yield { seq, partial: true };
        })(),
        resumeSeq: null,
        liveAfterSeq: () => 0,
      }),
    },
    points,
  );
  await expect.poll(() => writer.places.length).toBeGreaterThan(2);
  expect(writer.places.length).toBeLessThan(10);
  points.give(openViewer, 10_000);
  await expect.poll(() => writer.places).toHaveLength(10);
  expect(points.taken(openViewer)).toBe(1_000 - 10_000);
});

test('W8: reading history takes points, though nothing in it is sent, and waits where there are none; who leaves reads no further', async () => {
  const points = new FakePoints(250);
  const effort = new Effort();
  let pages = 0;
  const history = async function* (): AsyncGenerator<Sequenced, undefined> {
    for (; pages < 100; pages++) {
      effort.add(1_000);
      await effort.pay();
    }
    yield { seq: 100 };
  };
  const start = async () => ({ initialItems: history(), resumeSeq: 0, liveAfterSeq: () => 0 });
  const { iterator } = joined({ effort, start }, points);
  await expect.poll(() => pages).toBe(3);
  points.give(openViewer, 400);
  await expect.poll(() => pages).toBe(7);
  await iterator.return?.();
  points.give(openViewer, 100_000);
  await expect.poll(() => points.taken(openViewer)).toBe(800 - 400 - 100_000);
  await setImmediate();
  expect(pages).toBe(7);
});

test('W9: the bytes that wait for a socket are counted as held, and no more once they are sent or dropped', async () => {
  const { iterator, writer, deliver } = joined({});
  await setImmediate();
  writer.ready = false;
  deliver();
  deliver();
  expect(writer.heldBytes).toBe(2 * payload.text.length);
  writer.drain();
  expect(writer.heldBytes).toBe(0);
  writer.ready = false;
  deliver();
  await iterator.return?.();
  expect(writer.heldBytes).toBe(0);
});
