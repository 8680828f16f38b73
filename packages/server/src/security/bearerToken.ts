import type { IncomingHttpHeaders } from 'node:http';
import { isObject } from '@muster/core';

/**
 * The credential in an Authorization header's text: the part after `Bearer`, or the whole text of a client that leaves
 * the word out. Null where no header came. A text under another scheme is refused later, as an unknown credential.
 */
export function tokenOf(authorization: unknown): string | null {
  if (authorization === undefined || authorization === null) return null;
  const text = String(authorization).trim();
  return /^bearer\s+(.*)$/i.exec(text)?.[1]?.trim() ?? text;
}

/**
 * The credential of an HTTP request. Every front takes it by the same two names: `token`, which existing agents send over
 * gRPC and which comes first there and everywhere, and `authorization`.
 */
export function tokenOfHeaders({ token, authorization }: IncomingHttpHeaders): string | null {
  return tokenOf(token ?? authorization);
}

/**
 * The credential of a WebSocket: of its `connectionParams`, or of the `headers` in them, whatever the case of the names; else
 * of the request that opened it.
 */
export function tokenOfConnection(
  params: Readonly<Record<string, unknown>> | undefined,
  headers: IncomingHttpHeaders,
): string | null {
  return tokenOfParams(params) ?? tokenOfParams(params?.headers) ?? tokenOfHeaders(headers);
}

function tokenOfParams(params: unknown): string | null {
  if (!isObject(params)) return null;
  const given = Object.entries(params).filter(([, value]) => value !== null);
  const named = new Map(given.map(([name, value]) => [name.toLowerCase(), value]));
  return tokenOf(named.get('token') ?? named.get('authorization'));
}
