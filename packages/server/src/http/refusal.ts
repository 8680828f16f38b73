import type { IncomingMessage } from 'node:http';
import { DomainError, type ErrorCode } from '@muster/core';
import { readBody } from './body.ts';

/** A refusal with an HTTP status and headers that its error code alone doesn't imply. */
export class HttpRefusal extends DomainError {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, code: ErrorCode, message: string, headers: Record<string, string> = {}) {
    super(code, message);
    this.status = status;
    this.headers = headers;
  }
}

/**
 * Requires a body of JSON. A page of another origin can send a form's content types without a preflight request (CSRF).
 *
 * @throws HttpRefusal 415 for any other content type, and for none
 */
export function requireJsonType({ headers }: IncomingMessage): void {
  const type = mediaTypeOf(headers['content-type']);
  if (type === 'application/json') return;
  const came = type === undefined ? 'none' : JSON.stringify(type.slice(0, 200));
  throw new HttpRefusal(415, 'BAD_USER_INPUT', `expected the content type application/json; got ${came}`);
}

/** The type of a Content-Type header in lower case, without parameters. */
function mediaTypeOf(header: string | undefined): string | undefined {
  return header === 'application/json' ? header : header?.split(';', 1)[0]?.trim().toLowerCase();
}

/** Reads a whole body. @throws HttpRefusal 413 as soon as the body proves longer than `maxBytes` */
export async function requireBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const body = await readBody(request, maxBytes);
  if (body !== null) return body;
  const message = `expected a body of at most ${maxBytes} bytes; got a longer one`;
  // The rest of the body is not read, so no other request can follow on this connection.
  throw new HttpRefusal(413, 'BAD_USER_INPUT', message, { connection: 'close' });
}

/** The headers by which HTTP repeats an error's extensions: how to authenticate, and when to retry. */
export function refusalHeaders({ code, retryAfterMs }: Readonly<Record<string, unknown>>): Record<string, string> {
  if (code === 'UNAUTHENTICATED') return { 'www-authenticate': 'Bearer' };
  if (code === 'RATE_LIMITED') return { 'retry-after': String(Math.ceil(Number(retryAfterMs) / 1_000)) };
  return {};
}

/** Whether the client went away before it had sent the whole request: nobody is left to refuse. */
export function isClientGone(request: IncomingMessage): boolean {
  return request.destroyed && !request.complete;
}
