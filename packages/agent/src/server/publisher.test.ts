import { type MusterClient, RequestError } from '@muster/client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { PluginReport } from '../contract.ts';
import { openPublisher, type Publisher } from './publisher.ts';

let now: PluginReport[];
let inputs: { sequence: number; bootId: string; plugins: PluginReport[] | null }[];
let errors: unknown[];
let answer: () => Promise<unknown>;
let publisher: Publisher;
let kept: unknown[];
let isEnrolling: boolean;

const identity = {
  domainId: 'acme',
  name: 'a',
  hostname: 'a',
  secretKey: null,
  labels: {},
  tags: {},
  bootId: 'run-1',
};
const taken = async () => ({
  publishSupervisor: { supervisor: { id: 's', state: 'ENABLED' }, rejected: [], token: null, nextPublishInMs: 10_000 },
});

beforeEach(() => {
  vi.useFakeTimers();
  now = [];
  inputs = [];
  errors = [];
  answer = taken;
  kept = [];
  isEnrolling = false;
  const client: Pick<MusterClient, 'mutate'> = {
    mutate: async (_document, variables, signal) => {
      inputs.push((variables as { input: (typeof inputs)[number] }).input);
      signal?.throwIfAborted();
      const aborted = new Promise<never>((_, reject) =>
        signal?.addEventListener('abort', () => reject(signal.reason), { once: true }),
      );
      return (await Promise.race([answer(), aborted])) as never;
    },
  };
  publisher = openPublisher({
    client,
    identity,
    reports: () => [...now],
    keepKey: async ({ token }) => void kept.push(token),
    isEnrolling: () => isEnrolling,
    onAnswer: async () => {},
    onError: (error) => errors.push(error),
    random: () => 1,
  });
});
afterEach(() => {
  publisher.close();
  vi.useRealTimers();
});

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const report = (version: string): PluginReport => ({ pluginId: 'p', version, state: 'ACTIVE' });

describe('publishing', () => {
  it('joins what changes within 200 ms into one report, and comes again when the server asked for it', async () => {
    publisher.soon();
    await pass(100);
    now.push(report('1'));
    publisher.soon();
    await pass(100);
    expect(inputs.map(({ plugins }) => plugins)).toEqual([[report('1')]]);
    await pass(9_999);
    expect(inputs).toHaveLength(1);
    await pass(1);
    expect(inputs).toHaveLength(2);
  });

  it('has what changed while a report was under way in the next one, at once', async () => {
    const first = Promise.withResolvers<void>();
    answer = async () => {
      await first.promise;
      return taken();
    };
    publisher.soon();
    await pass(200);
    now.push(report('1'));
    publisher.soon();
    await pass(1_000);
    expect(inputs).toHaveLength(1);
    answer = taken;
    first.resolve();
    await pass(200);
    expect(inputs.map(({ plugins }) => plugins?.length)).toEqual([0, 1]);
  });

  it('S12, G13: carries the id of the run, and a number that grows', async () => {
    publisher.soon();
    await pass(25_000);
    expect(inputs.map(({ bootId, sequence }) => [bootId, sequence])).toEqual([
      ['run-1', 1],
      ['run-1', 2],
      ['run-1', 3],
    ]);
  });

  it('G6, acceptance 2: with the server away for 30 minutes tries with pauses up to 30 s, whatever changes, and on its return once', async () => {
    answer = () => Promise.reject(new RequestError('UNREACHABLE', 'gone'));
    publisher.soon();
    await pass(200 + 1_000 + 2_000 + 4_000 + 8_000 + 16_000);
    expect(inputs).toHaveLength(6);
    for (let second = 0; second < 30 * 60; second++) {
      now = [report(String(second))];
      publisher.soon();
      await pass(1_000);
    }
    expect(inputs).toHaveLength(6 + 60);
    answer = taken;
    await pass(30_000);
    expect(inputs).toHaveLength(6 + 61);
    expect(inputs.at(-1)?.plugins).toEqual([report('1799')]);
    await pass(9_000);
    expect(inputs).toHaveLength(6 + 61);
  });

  it('waits as long as a server that is pressed asks for', async () => {
    answer = () => Promise.reject(new RequestError('RATE_LIMITED', 'slower', { retryAfterMs: 60_000 }));
    publisher.soon();
    await pass(200 + 60_999);
    expect(inputs).toHaveLength(1);
    await pass(1);
    expect(inputs).toHaveLength(2);
    expect(errors).toHaveLength(2);
  });

  it('G8: publishes a last time, once, and no more', async () => {
    publisher.soon();
    await pass(200);
    await publisher.last(new AbortController().signal);
    publisher.soon();
    await pass(60_000);
    expect(inputs).toHaveLength(2);
  });

  describe('A7: the key that an enrollment brings', () => {
    const enrolled = async () => {
      const { publishSupervisor } = await taken();
      return { publishSupervisor: { ...publishSupervisor, token: 'own' } };
    };

    it('is kept, also where the agent ends while its answer is on the way', async () => {
      isEnrolling = true;
      const sent = Promise.withResolvers<void>();
      answer = async () => {
        await sent.promise;
        isEnrolling = false;
        answer = taken;
        return enrolled();
      };
      publisher.soon();
      await pass(200);
      const ended = publisher.last(new AbortController().signal);
      sent.resolve();
      await ended;
      expect(kept).toEqual(['own', null]);
      expect(inputs).toHaveLength(2);
    });

    it('is kept, also where the last report is the first', async () => {
      answer = enrolled;
      await publisher.last(new AbortController().signal);
      expect(kept).toEqual(['own']);
    });

    it('is waited for no longer than the last report may take', async () => {
      isEnrolling = true;
      answer = () => new Promise(() => {});
      publisher.soon();
      await pass(200);
      const ending = new AbortController();
      const ended = publisher.last(ending.signal);
      ending.abort();
      await ended;
      expect(kept).toEqual([]);
    });
  });
});
