import { describe, expect, it } from 'vitest';
import { createEvents, type PluginStateChange } from './event.ts';
import { createLedger, createRecipient } from './ledger.ts';

const options = { recipients: 2, eventsABatch: 2, unmeasuredBatches: 0 };

function setUp(some: Partial<typeof options> = {}) {
  const recipients = [createRecipient('first'), createRecipient('second')] as const;
  return { ledger: createLedger({ ...options, ...some }), first: recipients[0], second: recipients[1] };
}

function message(id: string, pluginStateChanged: PluginStateChange | undefined): Buffer {
  return Buffer.from(JSON.stringify({ id, type: 'next', payload: { data: { pluginStateChanged } } }));
}

describe('the ledger', () => {
  it('says when everybody has a batch, and what it took from the time in the event on', () => {
    const { ledger, first, second } = setUp();
    const [a, b] = createEvents()(2);
    const at = Date.parse(a?.at ?? '');
    expect([
      ledger.take(first, message('first', a), at + 1),
      ledger.take(second, message('second', a), at + 2),
      ledger.take(second, message('second', b), at + 3),
    ]).toEqual([false, false, false]);
    expect(ledger.progress()).toBe('3 of 4 messages');
    expect(ledger.take(first, message('first', b), at + 40)).toBe(true);
    expect(ledger.progress()).toBeUndefined();
    expect(ledger.report(1)).toMatchObject({ messages: 4, deliveringMs: 40, p50: 2, p99: 40 });
  });

  it('leaves the first batches out of what it reports', () => {
    const { ledger, first } = setUp({ recipients: 1, eventsABatch: 1, unmeasuredBatches: 1 });
    const [a, b] = createEvents()(2);
    const at = Date.parse(a?.at ?? '');
    ledger.take(first, message('first', a), at + 1_000);
    ledger.take(first, message('first', b), at + 5);
    expect(ledger.report(1)).toMatchObject({ messages: 1, deliveringMs: 5, p99: 5 });
  });

  it('understands a message whose parts are in another order', () => {
    const { ledger, first, second } = setUp({ eventsABatch: 1 });
    const [a] = createEvents()(1);
    const turned = Buffer.from(
      JSON.stringify({ type: 'next', payload: { data: { pluginStateChanged: a } }, id: 'first' }),
    );
    ledger.take(first, turned, 0);
    expect(ledger.take(second, message('second', a), 0)).toBe(true);
  });

  it('refuses an event that comes twice, too late, or in the place of another', () => {
    const { ledger, first, second } = setUp();
    const [a, b] = createEvents()(2);
    ledger.take(first, message('first', a), 0);
    expect(() => ledger.take(first, message('first', a), 0)).toThrow('expected one after');
    ledger.take(first, message('first', b), 0);
    expect(() => ledger.take(second, message('second', b), 0)).toThrow(`expected the event ${a?.cursor}`);
  });

  it("refuses what isn't an event of the recipient's operation", () => {
    const { ledger, first } = setUp();
    const [a] = createEvents()(1);
    expect(() => ledger.take(first, message('second', a), 0)).toThrow('expected an event of first');
    expect(() => ledger.take(first, Buffer.from('{"id":"first","type":"complete"}'), 0)).toThrow('"complete"');
    expect(() => ledger.take(first, message('first', undefined), 0)).toThrow('expected an event of first');
  });

  it('reports nothing unless all have come', () => {
    const { ledger, first } = setUp();
    ledger.take(first, message('first', createEvents()(1)[0]), 0);
    expect(() => ledger.report(1)).toThrow('expected 4 messages; got 1');
  });
});
