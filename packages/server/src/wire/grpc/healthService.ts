import { type handleServerStreamingCall, type handleUnaryCall, type ServerWritableStream, status } from '@grpc/grpc-js';
import type { Health } from '../../observe/health.ts';
import { decode, encode } from '../proto/codec.ts';
import type { Protocol } from '../proto/protocol.ts';

/** How often watchers' answer is looked for anew, while there are any. */
const lookMs = 5_000;

export interface HealthService {
  readonly calls: {
    readonly Check: handleUnaryCall<Buffer, Buffer>;
    readonly Watch: handleServerStreamingCall<Buffer, Buffer>;
  };
  /** Tells the watchers that the server is stopping, and ends their streams. */
  close(): void;
}

type Serving = 'SERVING' | 'NOT_SERVING' | 'SERVICE_UNKNOWN';
type Watcher = ServerWritableStream<Buffer, Buffer>;

/** grpc.health.v1.Health: serving while the server is ready, as /ready tells it. */
export function createHealthService(protocol: Protocol, health: Health, services: readonly string[]): HealthService {
  const input = protocol.message('grpc.health.v1.HealthCheckRequest');
  const output = protocol.message('grpc.health.v1.HealthCheckResponse');
  const watchers = new Map<Watcher, Serving>();
  let timer: NodeJS.Timeout | undefined;

  const serving = async (): Promise<Serving> => ((await health.readiness()).ready ? 'SERVING' : 'NOT_SERVING');
  const bytesOf = (answer: Serving) => encode(output, { status: answer });
  const serviceOf = (bytes: Buffer) => String(decode(input, bytes).service ?? '');
  const isKnown = (service: string) => service === '' || services.includes(service);

  async function look(): Promise<void> {
    const now = await serving();
    for (const [watcher, told] of watchers) {
      if (told === now) continue;
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
      // It stays unknown for as long as this server runs; the stream is the client's to end.
      call.write(bytesOf('SERVICE_UNKNOWN'));
      return;
    }
    const now = await serving();
    if (call.cancelled) return;
    watchers.set(call, now);
    timer ??= setInterval(() => void look(), lookMs).unref();
    call.write(bytesOf(now));
  }

  return {
    calls: {
      Check: (call, callback) => {
        const service = requested(() => serviceOf(call.request));
        if (service === undefined) return callback(malformed);
        if (!isKnown(service)) return callback({ code: status.NOT_FOUND, details: `NOT_FOUND: no service ${service}` });
        serving().then((answer) => callback(null, bytesOf(answer)));
      },
      Watch: (call) => {
        const service = requested(() => serviceOf(call.request));
        if (service === undefined) return void call.emit('error', malformed);
        call.on('cancelled', () => forget(call));
        call.on('error', () => forget(call));
        void watch(call, service);
      },
    },
    close: () => {
      for (const [watcher, told] of watchers) {
        if (told !== 'NOT_SERVING') watcher.write(bytesOf('NOT_SERVING'));
        watcher.end();
        forget(watcher);
      }
    },
  };
}

const malformed = { code: status.INVALID_ARGUMENT, details: 'BAD_USER_INPUT: expected a HealthCheckRequest' };

function requested(read: () => string): string | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
