import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { DriverError } from '../driverError.ts';
import { EngineRefusal } from './engineRefusal.ts';

/** A request to an engine. */
export interface EngineRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** The longest time without a byte of the answer, head or body; 0: without end. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** An answer whose body has yet to be read. */
export interface EngineStream {
  readonly headers: IncomingMessage['headers'];
  /** Throws ENGINE_UNAVAILABLE where the answer is cut, or silent for `timeoutMs`. Leaving the loop closes it. */
  readonly chunks: AsyncIterable<Buffer>;
}

/** The answers of 304 and 2xx are fine: a start of what runs already is 304. */
const isFine = (status: number) => status === 304 || (status >= 200 && status < 300);

/**
 * Sends a request on a connection for it alone, so that it never meets one that the engine has just closed.
 *
 * @param connection where to, and by which credentials
 * @throws EngineRefusal with the engine's words; DriverError ENGINE_UNAVAILABLE without a whole answer; the signal's
 *   reason once aborted
 */
export async function openStream(connection: RequestOptions, options: EngineRequest): Promise<EngineStream> {
  const { method, path, query = {}, body, headers = {}, timeoutMs, signal } = options;
  signal?.throwIfAborted();
  const search = new URLSearchParams(query).toString();
  const text = body === undefined ? undefined : JSON.stringify(body);
  const send = connection.protocol === 'https:' ? httpsRequest : httpRequest;
  const request = send({
    agent: false,
    ...connection,
    method,
    path: search === '' ? path : `${path}?${search}`,
    headers: {
      ...connection.headers,
      ...(text === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
      ...headers,
    },
    ...(signal ? { signal } : {}),
  });
  const late = () => request.destroy(unavailable(`${method} ${path}: no answer within ${timeoutMs} ms`));
  request.setTimeout(timeoutMs, late);
  const asSilence = (error: unknown): unknown => {
    if (signal?.aborted) return signal.reason;
    if (error instanceof DriverError) return error;
    return unavailable(`${method} ${path}: ${error instanceof Error ? error.message : String(error)}`);
  };

  const { promise: answered, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  request.once('response', resolve);
  // Stays for errors after the answer's head, which the reader of the body gets, too.
  request.on('error', (error) => reject(asSilence(error)));
  request.end(text);
  const response = await answered;
  // An error of a body that nobody reads yet comes to its reader later.
  response.on('error', () => {});

  async function* read(): AsyncGenerator<Buffer, void> {
    try {
      for await (const chunk of response) yield chunk;
    } catch (error) {
      throw asSilence(error);
    } finally {
      request.destroy();
    }
  }
  const chunks = read();
  const { statusCode = 0 } = response;
  if (!isFine(statusCode)) throw new EngineRefusal(statusCode, messageOf(await textOf(chunks), statusCode));
  return { headers: response.headers, chunks };
}

function unavailable(message: string): DriverError {
  return new DriverError('ENGINE_UNAVAILABLE', message);
}

/** Reads an answer to its end. */
export async function textOf(chunks: AsyncIterable<Buffer>): Promise<string> {
  const parts: Buffer[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts).toString('utf8');
}

/** The `message` of an error's JSON. */
function messageOf(text: string, status: number): string {
  try {
    const { message } = JSON.parse(text);
    if (typeof message === 'string') return message;
  } catch {
    // A proxy in front of the engine answers in other forms.
  }
  return text.trim() || `HTTP ${status}`;
}
