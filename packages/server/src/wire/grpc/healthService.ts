import type { handleServerStreamingCall, handleUnaryCall, ServerWritableStream } from '@grpc/grpc-js';
import { describe } from '@muster/core';
import type { Health } from '../../observe/health.ts';
import { decode, encode } from '../proto/codec.ts';
import type { Protocol } from '../proto/protocol.ts';
import type { AnonymousCalls } from './anonymousCalls.ts';
import { type CallRefusal, callRefusal } from './grpcStatus.ts';

/** How often the answer of the watchers is read again, while there are any. */
const refreshMs = 5_000;

/** The handlers of grpc.health.v1.Health. */
export interface HealthService {
  readonly calls: {
    readonly Check: handleUnaryCall<Buffer, Buffer>;
    readonly Watch: handleServerStreamingCall<Buffer, Buffer>;
  };
  /** Sends NOT_SERVING to the watchers, and ends their streams. */
  close(): void;
}

type Serving = 'SERVING' | 'NOT_SERVING' | 'SERVICE_UNKNOWN';
type Watcher = ServerWritableStream<Buffer, Buffer>;

/**
 * Serves grpc.health.v1.Health: SERVING while the server is ready, by the same readiness as /ready.
 *
 * Written by hand: `grpc-health-check` answers a status that the server must set beforehand, while readiness is read when
 * a client asks; and it can't end the watchers' streams, for which a graceful stop would wait.
 *
 * @param services the services whose health can be asked for, beside that of the whole server
 * @param bounds the bounds of calls without a credential
 */
export function createHealthService(
  protocol: Protocol,
  health: Health,
  services: readonly string[],
  bounds: AnonymousCalls,
): HealthService {
  const input = protocol.message('grpc.health.v1.HealthCheckRequest');
  const output = protocol.message('grpc.health.v1.HealthCheckResponse');
  const watchers = new Map<Watcher, Serving>();
  let timer: NodeJS.Timeout | undefined;

  const serving = async (): Promise<Serving> => ((await health.readiness()).ready ? 'SERVING' : 'NOT_SERVING');
  const bytesOf = (answer: Serving) => encode(output, { status: answer });
  const serviceOf = (bytes: Buffer) => String(decode(input, bytes).service ?? '');
  const isKnown = (service: string) => service === '' || services.includes(service);

  async function refreshWatchers(): Promise<void> {
    const now = await serving();
    for (const [watcher, sent] of watchers) {
      if (sent === now) continue;
      watchers.set(watcher, now);
      watcher.write(bytesOf(now));
    }
  }

  function forget(watcher: Watcher): void {
    watchers.delete(watcher);
    if (watchers.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  }

  async function watch(call: Watcher, service: string): Promise<void> {
    if (!isKnown(service)) {
      // The service stays unknown for as long as this server runs, so the client ends the stream.
      call.write(bytesOf('SERVICE_UNKNOWN'));
      return;
    }
    const now = await serving();
    if (call.cancelled) return;
    watchers.set(call, now);
    timer ??= setInterval(() => void refreshWatchers(), refreshMs).unref();
    call.write(bytesOf(now));
  }

  return {
    calls: {
      Check: (call, callback) => {
        const refusal = bounds.refusalOf(call);
        if (refusal) return void refusal.then(callback);
        const service = valueOrUndefined(() => serviceOf(call.request));
        if (service === undefined) return callback(malformed);
        if (!isKnown(service)) return callback(callRefusal('NOT_FOUND', `no service ${describe(service)}`));
        void serving().then((answer) => callback(null, bytesOf(answer)));
      },
      Watch: (call) => {
        const refusal = bounds.refusalOf(call);
        const refuse = (status: CallRefusal) => void call.emit('error', status);
        if (refusal) return void refusal.then(refuse);
        const service = valueOrUndefined(() => serviceOf(call.request));
        if (service === undefined) return refuse(malformed);
        const release = bounds.acquireWatch(call);
        if (typeof release !== 'function') return void release.then(refuse);
        for (const end of ['cancelled', 'error', 'finish']) {
          call.on(end, () => {
            release();
            forget(call);
          });
        }
        void watch(call, service);
      },
    },
    close: () => {
      for (const [watcher, sent] of watchers) {
        if (sent !== 'NOT_SERVING') watcher.write(bytesOf('NOT_SERVING'));
        watcher.end();
        forget(watcher);
      }
    },
  };
}

const malformed = callRefusal('BAD_USER_INPUT', 'expected a HealthCheckRequest; got bytes that are none');

function valueOrUndefined(read: () => string): string | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
