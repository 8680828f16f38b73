import type { IncomingMessage } from 'node:http';
import { DomainError } from '@muster/core';
import { refusalHeaders } from '../errors/refusalHeaders.ts';
import type { BodyBytes, BodyUnderWay } from '../limits/bodyBytes.ts';
import { HttpRefusal } from './refusal.ts';

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

/** The bounds of a body. */
export interface BodyBounds {
  /** The longest body. */
  readonly maxBytes: number;
  /** Counts the bodies of all clients that are under way. */
  readonly underWay: BodyBytes;
  /** The name under which the client is counted. */
  readonly client: string;
}

/**
 * Reads a whole body.
 *
 * @throws HttpRefusal 413 as soon as the body proves longer than `maxBytes`, 429 where too many bytes are under way; no
 * more is kept
 */
export function requireBody(request: IncomingMessage, { maxBytes, underWay, client }: BodyBounds): Promise<Buffer> {
  const expected = Number(request.headers['content-length'] ?? Number.NaN);
  if (expected > maxBytes) return Promise.reject(tooLong(maxBytes));
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const chunks: Buffer[] = [];
  let body: BodyUnderWay | undefined;
  let length = 0;
  let isRefused = false;

  function settle(): void {
    body?.end();
    body = undefined;
  }

  function refuse(refusal: unknown): void {
    request.pause();
    isRefused = true;
    settle();
    reject(refusal);
  }

  request.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (isRefused) return;
    if (length > maxBytes) return refuse(tooLong(maxBytes));
    chunks.push(chunk);
    // Most bodies come in one piece, and are not under way for long.
    if (chunk.length === expected) return;
    try {
      body ??= underWay.open(client);
      body.add(chunk.length);
    } catch (error) {
      refuse(tooMany(error));
    }
  });
  request.on('end', () => {
    settle();
    resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks));
  });
  request.on('error', (error) => {
    settle();
    reject(error);
  });
  return promise;
}

function tooMany(error: unknown): unknown {
  if (!(error instanceof DomainError)) return error;
  const headers = { ...refusalHeaders({ code: error.code, ...error.details }), connection: 'close' };
  return new HttpRefusal(429, error.code, error.message, headers);
}

function tooLong(maxBytes: number): HttpRefusal {
  const message = `expected a body of at most ${maxBytes} bytes; got a longer one`;
  // The rest of the body is not read, so no other request can follow on this connection.
  return new HttpRefusal(413, 'BAD_USER_INPUT', message, { connection: 'close' });
}
