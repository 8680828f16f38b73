import type { IncomingMessage } from 'node:http';

/** A call of a fake. */
export interface FakeCall {
  readonly method: string;
  /** The path without the API's version. */
  readonly path: string;
  /** The API's version; null for a path without one. */
  readonly version: string | null;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  /** Undefined without a body. */
  readonly body: unknown;
}

/** Reads a request whole. */
export async function readCall(request: IncomingMessage): Promise<FakeCall> {
  let text = '';
  request.setEncoding('utf8');
  for await (const part of request) text += part;
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://engine');
  const [, version = null, path = ''] = /^(?:\/v(\d+\.\d+))?(\/.*)$/.exec(decodeURIComponent(pathname)) ?? [];
  return {
    method: request.method ?? '',
    path,
    version,
    query: searchParams,
    headers: request.headers,
    body: text === '' ? undefined : JSON.parse(text),
  };
}
