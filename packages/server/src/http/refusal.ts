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

/** The headers by which HTTP repeats an error's extensions: how to authenticate, and when to retry. */
export function refusalHeaders({ code, retryAfterMs }: Readonly<Record<string, unknown>>): Record<string, string> {
  if (code === 'UNAUTHENTICATED') return { 'www-authenticate': 'Bearer' };
  if (code === 'RATE_LIMITED' && retryAfterMs !== undefined)
    return { 'retry-after': String(Math.ceil(Number(retryAfterMs) / 1_000)) };
  return {};
}

/** Whether the client went away before it had sent the whole request: nobody is left to refuse. */
export function isClientGone(request: IncomingMessage): boolean {
  return request.destroyed && !request.complete;
}
