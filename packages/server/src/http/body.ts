import type { IncomingMessage } from 'node:http';
import type { Readable, Transform } from 'node:stream';
import { DomainError } from '@muster/core';
import { refusalHeaders } from '../errors/refusalHeaders.ts';
import type { BodyBytes, BodyUnderWay } from '../limits/bodyBytes.ts';
import { createBodyDecoder } from './contentEncoding.ts';
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

/** Decodes text, without a byte order mark. */
const utf8 = new TextDecoder('utf-8', { fatal: true });

/** The text of a body. @throws TypeError where it isn't UTF-8: letters would be replaced by others */
export function textOf(body: Buffer): string {
  return utf8.decode(body);
}

/**
 * Reads a whole body, decoded.
 *
 * @throws HttpRefusal 413 as soon as the body proves longer than `maxBytes`, as it comes or decoded; 415 for an unknown
 * coding; 400 where it isn't in the coding that it names; 429 where too many bytes are under way. No more is kept
 */
export async function requireBody(request: IncomingMessage, bounds: BodyBounds): Promise<Buffer> {
  const { maxBytes } = bounds;
  const expected = Number(request.headers['content-length'] ?? Number.NaN);
  if (expected > maxBytes) throw tooLong(maxBytes);
  const decoder = createBodyDecoder(request);
  return decoder ? readDecoded(request, decoder, bounds) : readAll(request, expected, bounds);
}

/** Reads a body through its decoder, which is stopped at the first byte too many. */
async function readDecoded(request: IncomingMessage, decoder: Transform, bounds: BodyBounds): Promise<Buffer> {
  const { maxBytes } = bounds;
  let encodedLength = 0;
  // Some codings take any number of bytes for none.
  request.on('data', (chunk: Buffer) => {
    encodedLength += chunk.length;
    if (encodedLength > maxBytes) decoder.destroy(tooLong(maxBytes));
  });
  request.on('error', (error) => decoder.destroy(error));
  try {
    return await readAll(request.pipe(decoder), Number.NaN, bounds);
  } catch (error) {
    request.unpipe(decoder).pause();
    decoder.destroy();
    throw isOfZlib(error) ? notEncoded(request) : error;
  }
}

/** @param expected the length that is announced; NaN where it isn't */
function readAll(body: Readable, expected: number, { maxBytes, underWay, client }: BodyBounds): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const chunks: Buffer[] = [];
  let counted: BodyUnderWay | undefined;
  let length = 0;
  let isRefused = false;

  function settle(): void {
    counted?.end();
    counted = undefined;
  }

  function refuse(refusal: unknown): void {
    body.pause();
    isRefused = true;
    settle();
    reject(refusal);
  }

  body.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (isRefused) return;
    if (length > maxBytes) return refuse(tooLong(maxBytes));
    chunks.push(chunk);
    // Most bodies come in one piece, and are not under way for long.
    if (chunk.length === expected) return;
    try {
      counted ??= underWay.open(client);
      counted.add(chunk.length);
    } catch (error) {
      refuse(tooMany(error));
    }
  });
  body.on('end', () => {
    settle();
    resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks));
  });
  body.on('error', (error) => {
    settle();
    reject(error);
  });
  return promise;
}

/** Whether a decoder threw an error about the bytes that it was given. */
const isOfZlib = (error: unknown) =>
  error instanceof Error && 'errno' in error && 'code' in error && !('syscall' in error);

function notEncoded({ headers }: IncomingMessage): HttpRefusal {
  const message = `expected a body in the content encoding ${headers['content-encoding']}; got other bytes`;
  return new HttpRefusal(400, 'BAD_USER_INPUT', message, { connection: 'close' });
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
