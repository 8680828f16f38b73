import { DomainError, type Viewer } from '@muster/core';
import { QueueFullError, type Work } from '@muster/db';
import { describe, expect, test } from 'vitest';
import { patientCaller } from '../../testing/admission.ts';
import { Admission, type AdmissionOptions, type BoundOperation } from './admission.ts';
import type { Caller } from './caller.ts';

function viewerOf(name: string): Viewer {
  const [domainId = '', id = ''] = name.split('.');
  return { subject: id, role: 'OPERATOR', domainId, credential: { id: name, keyId: null, expiresAtMs: null } };
}

/** A client that goes at `leave`. */
function leavingCaller(options: Partial<Caller> = {}): Caller & { leave(): void } {
  const listeners = new Set<() => void>();
  return {
    onGone: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    leave: () => {
      for (const listener of [...listeners]) listener();
    },
    ...options,
  };
}

/** An admission of 2 operations a credential and 3 a domain, whose operations end when the test says so. */
function setUp(options: Partial<AdmissionOptions> = {}) {
  const works: Work[] = [];
  const started: string[] = [];
  const ends = new Map<string, PromiseWithResolvers<string>>();
  const outcomes = new Map<string, unknown>();
  const admission = new Admission({
    db: {
      runAs: (work, run) => {
        works.push(work);
        return run();
      },
    },
    timeoutMs: 600_000,
    operationsPerCredential: 2,
    operationsPerDomain: 3,
    waitingPerDomain: 4,
    waitsPerCredential: 1,
    ...options,
  });
  /** Begins the operation `domain.credential name`; it ends by `end`. */
  const begin = (name: string, operation: Partial<BoundOperation> = {}, caller: Caller = patientCaller) => {
    const bound: BoundOperation = { viewer: viewerOf(name.split(' ')[0] ?? ''), lane: 'reads', cost: 1, ...operation };
    const done = Promise.withResolvers<string>();
    ends.set(name, done);
    const execute = () => {
      started.push(name);
      return done.promise;
    };
    const note = (outcome: unknown) => {
      outcomes.set(name, outcome);
      return outcome;
    };
    try {
      return Promise.resolve(admission.run(bound, caller, execute)).then(note, note);
    } catch (error) {
      return Promise.resolve(note(error));
    }
  };
  const end = async (name: string) => {
    ends.get(name)?.resolve(`answer of ${name}`);
    await settled();
  };
  return { admission, works, started, outcomes, begin, end };
}

/** Until all that can go on has gone on. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('W5: operations at a time', () => {
  test('are bounded for a credential and for a domain; the others wait for their turn, and other domains don’t', async () => {
    const { admission, started, begin, end } = setUp();
    for (const name of ['d.a 1', 'd.a 2', 'd.a 3', 'd.b 1', 'd.b 2', 'e.a 1']) void begin(name);
    expect(started).toEqual(['d.a 1', 'd.a 2', 'd.b 1', 'e.a 1']);
    expect(admission.load).toMatchObject({ running: 4, waiting: 2 });
    await end('d.a 1');
    await end('d.a 2');
    expect(started.slice(4).toSorted()).toEqual(['d.a 3', 'd.b 2']);
    for (const name of ['d.a 3', 'd.b 1', 'd.b 2', 'e.a 1']) await end(name);
    expect(admission.load).toMatchObject({ running: 0, waiting: 0 });
  });

  test('answer at once, without a promise, where they need none and there is room', () => {
    const { admission } = setUp();
    const operation: BoundOperation = { viewer: viewerOf('d.a'), lane: 'reads', cost: 1 };
    expect(admission.run(operation, patientCaller, () => 'answer')).toBe('answer');
    const broken = () => {
      throw new Error('broken');
    };
    expect(() => admission.run(operation, patientCaller, broken)).toThrow('broken');
    expect(admission.load).toMatchObject({ running: 0, waiting: 0 });
  });

  test('count by their cost: one more for each 10,000, and a larger one than the bound alone', async () => {
    const { admission, started, begin, end } = setUp();
    void begin('d.a dear', { cost: 199_000 });
    void begin('d.a cheap');
    expect(started).toEqual(['d.a dear']);
    expect(admission.load).toMatchObject({ running: 2, waiting: 1 });
    await end('d.a dear');
    expect(started).toEqual(['d.a dear', 'd.a cheap']);
    void begin('d.a medium', { cost: 10_000 });
    expect(started).toHaveLength(2);
    await end('d.a cheap');
    expect(started.at(-1)).toBe('d.a medium');
    await end('d.a medium');
  });

  test('are not the reports of agents, unless they cost over 1,000', async () => {
    const { admission, started, begin, end } = setUp();
    for (let i = 0; i < 50; i++) void begin(`d.a ${i}`, { lane: 'reports', cost: 1_000 });
    expect(started).toHaveLength(50);
    expect(admission.load).toMatchObject({ running: 0, waiting: 0 });
    for (let i = 0; i < 3; i++) void begin(`d.a dear ${i}`, { lane: 'reports', cost: 1_001 });
    expect(started).toHaveLength(52);
    for (let i = 0; i < 3; i++) await end(`d.a dear ${i}`);
  });
});

describe('W4: a queue that is full', () => {
  test('refuses at once, with the time to wait: a credential in half of it, and a domain in all of it', async () => {
    const { admission, outcomes, started, begin, end } = setUp();
    const of = (credential: string, count: number) =>
      Array.from({ length: count }, (_, i) => `d.${credential} ${i}`).map((name) => begin(name));
    void of('a', 5);
    await settled();
    expect(outcomes.get('d.a 4')).toBeInstanceOf(QueueFullError);
    void of('b', 3);
    const refused = await begin('d.c 0');
    expect(refused).toBeInstanceOf(QueueFullError);
    expect((refused as QueueFullError).retryAfterMs).toBeGreaterThanOrEqual(100);
    expect(admission.load).toMatchObject({ running: 3, waiting: 4, refused: 2 });
    void begin('e.a 0');
    expect(started).toEqual(['d.a 0', 'd.a 1', 'd.b 0', 'e.a 0']);
    for (const name of ['d.a 0', 'd.a 1', 'd.b 0', 'd.a 2', 'd.b 1', 'd.a 3', 'd.b 2', 'e.a 0']) await end(name);
    expect(admission.load).toMatchObject({ running: 0, waiting: 0 });
  });
});

describe('W1: an operation', () => {
  test('that waits when its client goes never begins', async () => {
    const { admission, started, begin, end } = setUp();
    void begin('d.a 1');
    void begin('d.a 2');
    const caller = leavingCaller();
    const outcome = begin('d.a 3', {}, caller);
    caller.leave();
    expect(await outcome).toMatchObject({ stopCause: 'client' });
    expect(admission.load).toMatchObject({ waiting: 0, stopped: { client: 1, deadline: 0, shutdown: 0 } });
    await end('d.a 1');
    await end('d.a 2');
    expect(started).toEqual(['d.a 1', 'd.a 2']);
  });

  test('that runs when its client goes is answered at once, and gives its turn back when it has ended', async () => {
    const { admission, works, started, begin, end } = setUp({ operationsPerCredential: 1 });
    const caller = leavingCaller();
    const outcome = begin('d.a 1', {}, caller);
    void begin('d.a 2');
    caller.leave();
    expect(await outcome).toMatchObject({ stopCause: 'client' });
    expect(works[0]?.stopped).toMatchObject({ stopCause: 'client' });
    expect(started).toEqual(['d.a 1']);
    await end('d.a 1');
    expect(started).toEqual(['d.a 1', 'd.a 2']);
    await end('d.a 2');
    expect(admission.load).toMatchObject({ running: 0, waiting: 0 });
  });

  test.each<[string, Partial<AdmissionOptions>, Partial<Caller>]>([
    ['the server’s', { timeoutMs: 1 }, {}],
    ['the client’s, where that is earlier', {}, { timeoutMs: 1 }],
  ])('ends at its deadline, whether it runs or waits: %s', async (_whose, options, caller) => {
    const { admission, started, begin, end } = setUp({ operationsPerCredential: 1, ...options });
    const outcomes = [begin('d.a 1', {}, leavingCaller(caller)), begin('d.a 2', {}, leavingCaller(caller))];
    for (const outcome of outcomes) expect(await outcome).toMatchObject({ stopCause: 'deadline' });
    await end('d.a 1');
    expect(started).toEqual(['d.a 1']);
    expect(admission.load).toMatchObject({ running: 0, waiting: 0, stopped: { deadline: 2 } });
  });

  test('whose statement has failed gets that error for whatever else it asks', () => {
    const { admission, works } = setUp();
    const error = new Error('the statement was cancelled');
    const operation: BoundOperation = { viewer: viewerOf('d.a'), lane: 'reads', cost: 1 };
    expect(admission.runFailed(operation, error, () => 'part')).toBe('part');
    expect(works[0]?.stopped).toBe(error);
  });
});

describe('W9: an operation whose client is to read first', () => {
  test('leaves its turn to others, and begins once the client has read', async () => {
    const { started, begin, end } = setUp({ operationsPerCredential: 1 });
    const read = Promise.withResolvers<void>();
    let isBehind = true;
    void begin('d.a 1', {}, leavingCaller({ mayStart: () => (isBehind ? read.promise : undefined) }));
    void begin('d.a 2');
    await settled();
    expect(started).toEqual(['d.a 2']);
    isBehind = false;
    read.resolve();
    await end('d.a 2');
    expect(started).toEqual(['d.a 2', 'd.a 1']);
    await end('d.a 1');
  });

  test('never begins where the client goes meanwhile', async () => {
    const { admission, started, begin } = setUp();
    const read = Promise.withResolvers<void>();
    const caller = leavingCaller({ mayStart: () => read.promise });
    const outcome = begin('d.a 1', {}, caller);
    caller.leave();
    read.resolve();
    expect(await outcome).toMatchObject({ stopCause: 'client' });
    await settled();
    expect(started).toEqual([]);
    expect(admission.load).toMatchObject({ running: 0, waiting: 0 });
  });

  test('is refused where its front can’t wait for that, and takes no turn', async () => {
    const { admission, started, begin } = setUp();
    const refusal = new DomainError('RATE_LIMITED', 'expected a client that reads');
    const mayStart = () => {
      throw refusal;
    };
    expect(await begin('d.a 1', {}, leavingCaller({ mayStart }))).toBe(refusal);
    expect(started).toEqual([]);
    expect(admission.load).toMatchObject({ running: 0, waiting: 0 });
  });
});

test('W5: an operation that waits for a plugin’s endpoint leaves its turn to others; such waits are bounded', async () => {
  const { admission, works, started, outcomes, begin, end } = setUp({ operationsPerCredential: 1 });
  void begin('d.a 1');
  void begin('d.a 2');
  const active = Promise.withResolvers<void>();
  const waiting = works[0]?.waiting(() => active.promise);
  expect(started).toEqual(['d.a 1', 'd.a 2']);
  await expect(works[1]?.waiting(async () => {})).rejects.toMatchObject({ code: 'RATE_LIMITED' });
  active.resolve();
  await waiting;
  await end('d.a 1');
  expect(outcomes.get('d.a 1')).toBe('answer of d.a 1');
  expect(admission.load).toMatchObject({ running: 1 });
  // The wait has ended with its operation.
  await works[1]?.waiting(async () => {});
  await end('d.a 2');
  expect(admission.load).toMatchObject({ running: 0, waiting: 0 });
});

describe('the work of a stream', () => {
  test('is its credential’s, has no deadline, and is stopped when the stream ends', () => {
    const { admission, works } = setUp({ timeoutMs: 0 });
    const stream = admission.openStream({ viewer: viewerOf('d.a'), cost: 7 });
    expect(stream.run(() => 'part')).toBe('part');
    expect(works[0]).toMatchObject({ tenant: 'd', credential: 'd.a', weight: 7, lane: 'reads', stopped: undefined });
    expect(stream.isOver).toBe(false);
    stream.end();
    stream.end();
    expect(stream.isOver).toBe(true);
    expect(works[0]?.stopped).toMatchObject({ stopCause: 'client' });
  });

  test('is no credential’s where streams share it', () => {
    const { admission, works } = setUp();
    admission.openSharedStream(viewerOf('d.a')).run(() => {});
    expect(works[0]).toMatchObject({ tenant: 'd', credential: '', weight: 1 });
  });
});
