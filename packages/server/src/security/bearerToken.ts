import type { IncomingHttpHeaders } from 'node:http';

/**
 * The credential in an Authorization header's text: the part after `Bearer`, or the whole text of a client that leaves
 * the word out. Null where no header came. A text under another scheme is refused later, as an unknown credential.
 */
export function tokenOf(authorization: unknown): string | null {
  if (authorization === undefined || authorization === null) return null;
  const text = String(authorization).trim();
  return /^bearer\s+(.*)$/i.exec(text)?.[1]?.trim() ?? text;
}

/** The credential of an HTTP request. */
export function tokenOfHeaders({ authorization }: IncomingHttpHeaders): string | null {
  return tokenOf(authorization);
}

/**
 * The credential of a WebSocket: of its `connectionParams`, whatever the case of the name; else of the request that
 * opened it.
 */
export function tokenOfConnection(
  params: Readonly<Record<string, unknown>> | undefined,
  headers: IncomingHttpHeaders,
): string | null {
  const given = Object.entries(params ?? {}).find(([name]) => name.toLowerCase() === 'authorization');
  return given ? tokenOf(given[1]) : tokenOfHeaders(headers);
}
