import type { IncomingMessage } from 'node:http';
import { DomainError, type ErrorCode } from '@muster/core';

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

/** The longest body that is read and thrown away, so that another request can follow a refusal on its connection. */
const maxDiscardedBytes = 65_536;

/**
 * The header that ends the connection after a refusal, where the rest of the body is too long to be thrown away. A connection
 * that stays is the cheaper refusal: the next request needs no new one.
 */
export function closingHeaders({ complete, headers }: IncomingMessage): Record<string, string> {
  const isShort =
    headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) <= maxDiscardedBytes;
  return complete || isShort ? {} : { connection: 'close' };
}

/** Whether the client went away before it had sent the whole request: nobody is left to refuse. */
export function isClientGone(request: IncomingMessage): boolean {
  return request.destroyed && !request.complete;
}
