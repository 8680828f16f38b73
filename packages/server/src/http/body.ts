import type { IncomingMessage } from 'node:http';
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

/** Reads a whole body. @throws HttpRefusal 413 as soon as the body proves longer than `maxBytes`; no more is kept */
export function requireBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) return Promise.reject(tooLong(maxBytes));
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const chunks: Buffer[] = [];
  let length = 0;
  request.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (length <= maxBytes) chunks.push(chunk);
    else {
      request.pause();
      reject(tooLong(maxBytes));
    }
  });
  // Most bodies come in one piece.
  request.on('end', () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)));
  request.on('error', reject);
  return promise;
}

function tooLong(maxBytes: number): HttpRefusal {
  const message = `expected a body of at most ${maxBytes} bytes; got a longer one`;
  // The rest of the body is not read, so no other request can follow on this connection.
  return new HttpRefusal(413, 'BAD_USER_INPUT', message, { connection: 'close' });
}
