import { constants, type Http2Server, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { Server } from '@grpc/grpc-js';
import { TokenBucket, type TokenRate } from '../../limits/tokenBucket.ts';
import type { ClosingCause } from '../../observe/closingCause.ts';
import type { Client } from '../../security/authentication.ts';

/** The bounds of each gRPC connection that grpc-js has no option for (W10). */
export interface SessionBounds {
  /** Calls that the client cancels before they are answered. */
  readonly resets: TokenRate;
  readonly pings: TokenRate;
  /** The paths of the methods that there are. */
  readonly paths: ReadonlySet<string>;
  /** Milliseconds that only go forward. */
  now(): number;
  clientOf(session: ServerHttp2Session): Client;
  /** Takes a call of a method that there isn't from the client's address. @throws DomainError RATE_LIMITED */
  takeAnonymous(client: Client): void;
  onClosed(cause: ClosingCause): void;
}

/**
 * The HTTP/2 server beneath a gRPC server that connections are injected into. grpc-js doesn't show it: the field is that of
 * 1.14.7.
 *
 * @throws Error where another version has no such field
 */
export function http2ServerOf(server: Server): Http2Server {
  const { http2Servers } = server as unknown as { http2Servers?: ReadonlyMap<Http2Server, unknown> };
  const [http2Server] = http2Servers?.keys() ?? [];
  if (!http2Server) throw new Error('expected grpc-js to keep its HTTP/2 servers in http2Servers; got none');
  return http2Server;
}

/** Closes connections whose clients cancel calls, send pings, or call unknown methods too fast. */
export function boundSessions(http2Server: Http2Server, bounds: SessionBounds): void {
  http2Server.on('session', (session) => {
    const pings = new TokenBucket(bounds.pings, bounds.now());
    const resets = new TokenBucket(bounds.resets, bounds.now());
    session.on('ping', () => {
      if (pings.take(bounds.now()) > 0) close(session, 'pings');
    });
    session.on('stream', (stream, headers) => {
      stream.once('close', () => {
        if (stream.rstCode !== constants.NGHTTP2_NO_ERROR && resets.take(bounds.now()) > 0) close(session, 'resets');
      });
      if (!bounds.paths.has(String(headers[constants.HTTP2_HEADER_PATH]))) takeUnknown(stream, session);
    });
  });

  function takeUnknown(stream: ServerHttp2Stream, session: ServerHttp2Session): void {
    try {
      bounds.takeAnonymous(bounds.clientOf(session));
    } catch {
      stream.on('error', () => {});
      close(session, 'unknown_methods');
    }
  }

  function close(session: ServerHttp2Session, cause: ClosingCause): void {
    if (session.destroyed) return;
    bounds.onClosed(cause);
    // grpc's own words: a client that reads them sends fewer pings from then on.
    const words = Buffer.from(cause === 'pings' ? 'too_many_pings' : cause);
    session.goaway(constants.NGHTTP2_ENHANCE_YOUR_CALM, 0, words);
    session.destroy();
  }
}
