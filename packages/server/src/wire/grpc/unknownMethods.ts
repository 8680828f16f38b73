import { constants, type Http2Server, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import { describe } from '@muster/core';
import { unimplemented } from './grpcStatus.ts';

/** Serves a stream of HTTP/2. */
type Serve = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, ...more: unknown[]) => void;

/**
 * Answers the calls of methods that there aren't: grpc-js refuses them itself, before any interceptor, in words that
 * existing clients take for a broken connection.
 *
 * @param paths the paths of the methods that there are
 */
export function refuseUnknownMethods(http2Server: Http2Server, paths: ReadonlySet<string>): void {
  const served = http2Server.listeners('stream') as Serve[];
  if (served.length !== 1) throw new Error(`expected grpc-js to listen for streams once; got ${served.length} times`);
  const [serve] = served;
  http2Server.removeAllListeners('stream');
  http2Server.on('stream', (...args: Parameters<Serve>) => {
    const [stream, headers] = args;
    const path = String(headers[constants.HTTP2_HEADER_PATH]);
    if (paths.has(path) || !isGrpc(headers)) serve?.(...args);
    else refuse(stream, path);
  });
}

/** grpc-js answers everything else with 415, as gRPC's specification asks for. */
function isGrpc(headers: IncomingHttpHeaders): boolean {
  return String(headers[constants.HTTP2_HEADER_CONTENT_TYPE]).startsWith('application/grpc');
}

function refuse(stream: ServerHttp2Stream, path: string): void {
  const { code, details } = unimplemented(`expected a method that reflection describes; got ${describe(path)}`);
  stream.on('error', () => {});
  const headers = {
    [constants.HTTP2_HEADER_STATUS]: constants.HTTP_STATUS_OK,
    [constants.HTTP2_HEADER_CONTENT_TYPE]: 'application/grpc+proto',
    'grpc-status': code,
    'grpc-message': encodeURI(details),
  };
  stream.respond(headers, { endStream: true });
}
