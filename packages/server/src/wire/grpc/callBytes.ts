import { constants, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import {
  type Metadata,
  ServerInterceptingCall,
  type ServerInterceptingCallInterface,
  type ServerInterceptor,
  ServerListenerBuilder,
} from '@grpc/grpc-js';
import type { Viewer } from '@muster/core';
import type { TransferBounds } from '../../limits/transferBounds.ts';
import type { Unsent } from '../../limits/unsent.ts';
import { type CallRefusal, callRefusal } from './grpcStatus.ts';

/** How often calls are looked for whose body, or whose reading of an answer, takes too long, in milliseconds. */
const checkIntervalMs = 5_000;

/** Bounds what gRPC's clients send slowly, and what they don't read (W9). */
export interface CallBytes {
  /** For the server's options. */
  readonly interceptor: ServerInterceptor;
  /** Counts a call's connection for the viewer. Returns how to find out whether its peer is to read before it gets another answer. */
  assign(metadata: Metadata, viewer: Viewer): () => boolean;
  /** Looks for no slow calls any more. */
  stop(): void;
}

/** The bytes of a gRPC connection. */
interface Connection {
  readonly unsent: Unsent;
  bytes: number;
}

/** A call whose body has not come whole, or whose answer has not been taken. */
interface SlowCall {
  readonly sinceMs: number;
  readonly limitMs: number;
  end(): void;
}

/** @param now milliseconds that only go forward */
export function boundCallBytes(transfer: TransferBounds, now: () => number): CallBytes {
  return new GrpcCallBytes(transfer, now);
}

class GrpcCallBytes implements CallBytes {
  readonly #transfer: TransferBounds;
  readonly #now: () => number;
  readonly #connections = new WeakMap<ServerHttp2Session, Connection>();
  readonly #byMetadata = new WeakMap<Metadata, Connection>();
  readonly #slowCalls = new Set<SlowCall>();
  readonly #check: NodeJS.Timeout;

  constructor(transfer: TransferBounds, now: () => number) {
    this.#transfer = transfer;
    this.#now = now;
    const intervalMs = Math.min(checkIntervalMs, transfer.unreadMs / 2, transfer.bodyMs / 2);
    this.#check = setInterval(() => this.#endSlowCalls(), intervalMs).unref();
  }

  readonly interceptor: ServerInterceptor = (method, call) => {
    const stream = streamOf(call);
    const { session } = stream;
    // The peer has gone.
    if (!session) return new ServerInterceptingCall(call);
    const connection = this.#connectionOf(session as ServerHttp2Session);
    // A stream of questions (reflection) has no end to wait for; each of them is small.
    if (!method.requestStream) this.#countBody(call, stream);
    const listener = new ServerListenerBuilder()
      .withOnReceiveMetadata((metadata, next) => {
        this.#byMetadata.set(metadata, connection);
        next(metadata);
      })
      .build();
    const count = (bytes: number) => this.#countAnswer(connection, stream, bytes);
    return new CountedCall(call, { start: (next) => next(listener) }, count);
  };

  assign(metadata: Metadata, viewer: Viewer): () => boolean {
    const connection = this.#byMetadata.get(metadata);
    connection?.unsent.assign(viewer);
    return () => connection?.unsent.isBehind ?? false;
  }

  stop(): void {
    clearInterval(this.#check);
  }

  #endSlowCalls(): void {
    for (const call of [...this.#slowCalls]) if (this.#now() - call.sinceMs >= call.limitMs) call.end();
  }

  #connectionOf(session: ServerHttp2Session): Connection {
    const known = this.#connections.get(session);
    if (known) return known;
    const connection = { unsent: this.#transfer.unsent.open({ destroy: () => session.destroy() }), bytes: 0 };
    session.once('close', () => connection.unsent.set(0));
    this.#connections.set(session, connection);
    return connection;
  }

  /** Counts the body until it has come whole. */
  #countBody(call: ServerInterceptingCallInterface, stream: ServerHttp2Stream): void {
    const { bodies, bodyMs } = this.#transfer;
    const body = bodies.open(`gRPC ${call.getPeer()}`);
    const late = callRefusal('TIMED_OUT', `expected a message that comes within ${bodyMs / 1_000} s`);
    const slow = { sinceMs: this.#now(), limitMs: bodyMs, end: () => refuse(late) };
    const onData = (chunk: Buffer) => {
      try {
        body.add(chunk.length);
      } catch (error) {
        refuse(callRefusal('RATE_LIMITED', error instanceof Error ? error.message : String(error)));
      }
    };
    const stop = () => {
      stream.off('data', onData);
      this.#slowCalls.delete(slow);
      body.end();
    };
    const refuse = (refusal: CallRefusal) => {
      stop();
      call.sendStatus(refusal);
      // The client could go on sending, and grpc-js would go on keeping it.
      stream.close(constants.NGHTTP2_NO_ERROR);
    };
    this.#slowCalls.add(slow);
    stream.on('data', onData);
    stream.once('end', stop);
    stream.once('close', stop);
  }

  /** Counts an answer. Returns how to say that the system has taken it. */
  #countAnswer(connection: Connection, stream: ServerHttp2Stream, bytes: number): () => void {
    const slow = { sinceMs: this.#now(), limitMs: this.#transfer.unreadMs, end: () => stream.close() };
    const taken = () => {
      if (!this.#slowCalls.delete(slow)) return;
      connection.bytes -= bytes;
      connection.unsent.set(connection.bytes);
    };
    this.#slowCalls.add(slow);
    connection.bytes += bytes;
    connection.unsent.set(connection.bytes);
    stream.once('close', taken);
    return taken;
  }
}

/** A call whose messages are counted until the system has taken them. */
class CountedCall extends ServerInterceptingCall {
  readonly #count: (bytes: number) => () => void;

  constructor(
    call: ServerInterceptingCallInterface,
    responder: ConstructorParameters<typeof ServerInterceptingCall>[1],
    count: (bytes: number) => () => void,
  ) {
    super(call, responder);
    this.#count = count;
  }

  override sendMessage(message: Buffer, callback: () => void): void {
    const taken = this.#count(message.length);
    super.sendMessage(message, () => {
      taken();
      callback();
    });
  }
}

/**
 * The HTTP/2 stream of a call. grpc-js doesn't show it: the field is that of 1.14.7.
 *
 * @throws Error where another version has no such field
 */
function streamOf(call: ServerInterceptingCallInterface): ServerHttp2Stream {
  const { stream, nextCall } = call as unknown as {
    stream?: ServerHttp2Stream;
    nextCall?: ServerInterceptingCallInterface;
  };
  if (stream) return stream;
  if (nextCall) return streamOf(nextCall);
  throw new Error('expected grpc-js to keep the HTTP/2 stream of a call; got none');
}
