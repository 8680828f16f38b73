import { setTimeout as sleep } from 'node:timers/promises';
import { cpuSeconds } from '../procfs.ts';
import { untilQuiet } from '../quiet.ts';
import { settledMemory } from '../settledMemory.ts';
import { type Crowd, startCrowd } from './crowd.ts';
import type { CrowdSettings } from './crowdProtocol.ts';
import type { FanoutOptions } from './options.ts';
import type { FanoutServer } from './server.ts';
import type { Way } from './ways.ts';

/** The figures of a server in one round. */
export interface Measurement {
  readonly cpuMicrosAMessage: number;
  readonly messagesASecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly idleBytesASubscriber: number;
  readonly bytesAMessage: number;
}

/** Subscribers that come and go first, so that the server has loaded and compiled its code. More would leave a larger heap behind. */
const firstSubscribers = 100;
/** Number of messages before the measured ones, in which code is compiled. */
const unmeasuredMessages = 40_000;
/** Pause between batches, so that the work after a batch isn't counted for the next. */
const pauseMs = 50;
/** Time in which a duplicate message would arrive. */
const settleMs = 500;

/**
 * Starts a server, lets a few subscribers come and go, and measures its memory without and with idle subscribers, and
 * its CPU time for batches, each of which begins when the last has reached every subscriber.
 */
export async function measure(
  way: Way,
  subscribers: number,
  { eventsABatch, batches }: Pick<FanoutOptions, 'eventsABatch' | 'batches'>,
  signal: AbortSignal,
): Promise<Measurement> {
  const { protocol, groups } = way;
  await using undo = new AsyncDisposableStack();
  const server = await way.start(eventsABatch, signal);
  undo.defer(() => server.stop());
  const unmeasuredBatches = Math.ceil(unmeasuredMessages / (subscribers * eventsABatch));
  const settings = { protocol, groups, url: server.url, subscribers, eventsABatch, unmeasuredBatches };

  await comeAndGo(server, { ...settings, subscribers: firstSubscribers }, signal);
  const emptyBytes = await settledMemory(server.pid, signal);
  const crowd = await startCrowd(settings, signal);
  undo.defer(() => crowd.stop());
  const idleBytes = await settledMemory(server.pid, signal);

  await play(server, crowd, unmeasuredBatches, signal);
  const cpuBefore = await cpuSeconds(server.pid);
  await play(server, crowd, batches, signal);
  const cpu = (await cpuSeconds(server.pid)) - cpuBefore;
  await sleep(settleMs, undefined, { signal });
  const { messages, deliveringMs, bytesAMessage, p50, p99 } = await crowd.report(batches);
  return {
    cpuMicrosAMessage: (cpu / messages) * 1e6,
    messagesASecond: (messages / deliveringMs) * 1_000,
    p50,
    p99,
    idleBytesASubscriber: (idleBytes - emptyBytes) / subscribers,
    bytesAMessage,
  };
}

async function comeAndGo(server: FanoutServer, settings: CrowdSettings, signal: AbortSignal): Promise<void> {
  const crowd = await startCrowd(settings, signal);
  try {
    await untilQuiet(server.pid, signal);
    await play(server, crowd, 1, signal);
  } finally {
    await crowd.stop();
  }
}

async function play(server: FanoutServer, crowd: Crowd, batches: number, signal: AbortSignal): Promise<void> {
  for (let batch = 0; batch < batches; batch += 1) {
    await Promise.all([crowd.received(), server.trigger()]);
    await sleep(pauseMs, undefined, { signal });
  }
}
