import { fork } from 'node:child_process';
import { join } from 'node:path';
import { BenchError } from '../benchError.ts';
import { stopProcess, untimelyEnd } from '../childProcess.ts';
import type { CrowdOrder, CrowdSettings, CrowdWord } from './crowdProtocol.ts';
import type { Reception } from './ledger.ts';

/** Time within which all subscribers must connect, or a batch must arrive. */
const withinMs = 120_000;

/** The process with the subscribers, as the bench controls it. */
export interface Crowd {
  /** Resolves once all subscribers have every event of the next batch; call it before causing the batch. */
  received(): Promise<void>;
  /** @throws BenchError unless exactly this many measured batches reached every subscriber */
  report(batches: number): Promise<Reception>;
  stop(): Promise<void>;
}

/** Starts the subscribers; resolves once all have sent their subscription. */
export async function startCrowd(settings: CrowdSettings, signal: AbortSignal): Promise<Crowd> {
  const child = fork(join(import.meta.dirname, 'subscribers.ts'), [JSON.stringify(settings)], { signal });
  const end = untimelyEnd(child, 'the process with the subscribers');
  const failure = new Promise<never>((_, reject) => {
    child.on('message', (word: CrowdWord) => {
      if (word.kind === 'failed') reject(new BenchError(word.message));
    });
  });
  failure.catch(() => {});

  async function next<Kind extends CrowdWord['kind']>(kind: Kind): Promise<Extract<CrowdWord, { kind: Kind }>> {
    const deadline = Promise.withResolvers<never>();
    const late = new BenchError(`expected "${kind}" of all subscribers within ${withinMs / 1_000} s`);
    const timer = setTimeout(() => deadline.reject(late), withinMs);
    const said = Promise.withResolvers<Extract<CrowdWord, { kind: Kind }>>();
    const hear = (word: CrowdWord) => {
      if (word.kind === kind) said.resolve(word as Extract<CrowdWord, { kind: Kind }>);
    };
    child.on('message', hear);
    try {
      return await Promise.race([said.promise, failure, end, deadline.promise]);
    } finally {
      clearTimeout(timer);
      child.off('message', hear);
    }
  }

  try {
    await next('subscribed');
  } catch (error) {
    await stopProcess(child);
    throw error;
  }
  return {
    received: async () => {
      await next('received');
    },
    report: async (batches) => {
      const answer = next('reception');
      child.send({ batches } satisfies CrowdOrder);
      return (await answer).reception;
    },
    stop: () => stopProcess(child),
  };
}
