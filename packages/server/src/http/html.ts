import type { ServerResponse } from 'node:http';

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Plain text as HTML. */
export function escaped(plain: string): string {
  return plain.replace(/[&<>"]/g, (character) => entities[character] ?? character);
}

const policy =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** Sends a page that brings its styles and has no scripts. */
export function sendPage(response: ServerResponse, page: string, headers: Record<string, string> = {}): void {
  response.writeHead(200, {
    'content-type': 'text/html; charset=utf-8',
    'content-length': Buffer.byteLength(page),
    'content-security-policy': policy,
    ...headers,
  });
  response.end(page);
}
