import { RequestError } from '@muster/client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { keepPublishing } from './keepPublishing.ts';
import type { PublishAnswer, SupervisorAgent } from './supervisorAgent.ts';

const answer: PublishAnswer = {
  supervisorId: 'supervisor-1',
  state: 'ENABLED',
  plugins: [],
  rejected: [],
  token: null,
  nextPublishInMs: 5_000,
};

beforeEach(() => void vi.useFakeTimers({ fakeNodeBuiltins: true }));
afterEach(() => void vi.useRealTimers());

describe('keepPublishing', () => {
  it('publishes again when the server asked for it, with what runs by then', async () => {
    const { agent, published } = recordingAgent(() => answer);
    const stopping = new AbortController();
    let state: 'PROVISIONING' | 'ACTIVE' = 'PROVISIONING';
    const done = keepPublishing(agent, {
      reports: () => [{ pluginId: 'collector', version: '1.0', state }],
      onAnswer: () => {
        state = 'ACTIVE';
      },
      signal: stopping.signal,
    });
    await vi.advanceTimersByTimeAsync(4_999);
    expect(published).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(published.map((reports) => reports?.[0]?.state)).toEqual(['PROVISIONING', 'ACTIVE']);
    stopping.abort();
    await done;
  });

  it('waits no longer than its longest interval', async () => {
    const { agent, published } = recordingAgent(() => answer);
    const stopping = new AbortController();
    const done = keepPublishing(agent, { reports: () => [], maxIntervalMs: 2_000, signal: stopping.signal });
    await vi.advanceTimersByTimeAsync(4_000);
    expect(published).toHaveLength(3);
    stopping.abort();
    await done;
  });

  it('tells of failures, and tries again after waits that grow until a publish succeeds', async () => {
    const errors: unknown[] = [];
    let isUp = false;
    const { agent, published } = recordingAgent(() => {
      if (!isUp) throw new RequestError('UNREACHABLE', 'connection refused');
      return answer;
    });
    const stopping = new AbortController();
    const done = keepPublishing(agent, {
      reports: () => [],
      onError: (error) => errors.push(error),
      signal: stopping.signal,
      random: () => 1,
    });
    await vi.advanceTimersByTimeAsync(1_000 + 2_000 + 3_999);
    expect(errors).toHaveLength(3);
    isUp = true;
    await vi.advanceTimersByTimeAsync(1);
    expect(published).toHaveLength(4);
    isUp = false;
    await vi.advanceTimersByTimeAsync(answer.nextPublishInMs + 1_000);
    expect(errors).toHaveLength(5);
    stopping.abort();
    await done;
  });

  it('ends while a publish is under way, without calling that a failure', async () => {
    const errors: unknown[] = [];
    const stopping = new AbortController();
    const agent: SupervisorAgent = {
      publish: (_, signal) =>
        new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason))),
    };
    const done = keepPublishing(agent, {
      reports: () => [],
      onError: (error) => errors.push(error),
      signal: stopping.signal,
    });
    stopping.abort();
    await done;
    expect(errors).toEqual([]);
  });

  it('ends with what a callback throws', async () => {
    const { agent } = recordingAgent(() => answer);
    const done = keepPublishing(agent, {
      reports: () => [],
      onAnswer: () => {
        throw new Error('the list makes no sense');
      },
      signal: new AbortController().signal,
    });
    await expect(done).rejects.toThrow('the list makes no sense');
  });
});

function recordingAgent(answers: () => PublishAnswer) {
  const published: Parameters<SupervisorAgent['publish']>[0][] = [];
  const agent: SupervisorAgent = {
    publish: async (plugins) => {
      published.push(plugins);
      return answers();
    },
  };
  return { agent, published };
}
