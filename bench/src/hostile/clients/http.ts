import { Pool } from 'undici';
import type { AttackContext } from '../attack.ts';

/** The local address of the attacker; the innocent tenant has another. */
export const attackerAddress = '127.0.0.2';

/** A request of an attacker. */
interface HttpRequest {
  readonly method?: 'GET' | 'POST';
  readonly path?: string;
  readonly body?: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An HTTP client of the attacker. */
export interface HttpClient {
  /** Sends a request; resolves with the outcome once the answer has been read. */
  send(request: HttpRequest): Promise<string>;
  /** Sends a request; resolves with the answer's text. */
  text(request: HttpRequest): Promise<{ status: number; text: string }>;
  /** Sends a GraphQL operation. */
  operation(query: string, variables?: object, headers?: Readonly<Record<string, string>>): Promise<string>;
}

/** Opens a client with at most this many connections, which shows `key`; without a key it shows no credential. */
export function openHttpClient({ target, signal }: AttackContext, connections: number, key?: string): HttpClient {
  const pool = new Pool(target.origin, {
    connections,
    pipelining: 1,
    headersTimeout: 0,
    bodyTimeout: 0,
    localAddress: attackerAddress,
  });
  signal.addEventListener('abort', () => void pool.destroy().catch(() => {}), { once: true });
  const credential = key === undefined ? {} : { authorization: `Bearer ${key}` };

  async function text({ method = 'POST', path = '/graphql', body, headers }: HttpRequest) {
    const response = await pool.request({
      method,
      path,
      body: body ?? null,
      headers: { 'content-type': 'application/json', accept: 'application/json', ...credential, ...headers },
    });
    return { status: response.statusCode, text: await response.body.text() };
  }
  const send = async (request: HttpRequest) => {
    const answer = await text(request);
    return outcomeOf(answer.status, answer.text);
  };
  return {
    text,
    send,
    operation: (query, variables = {}, headers = {}) => send({ body: JSON.stringify({ query, variables }), headers }),
  };
}

/** The outcome of an answer: `ok`, its first error code, or its status. */
export function outcomeOf(status: number, text: string): string {
  const code = /"code":\s?"([A-Z_]+)"/.exec(text)?.[1];
  if (code) return code;
  return status === 200 ? 'ok' : String(status);
}
