import type { ServerResponse } from 'node:http';
import type { ErrorCode } from '@muster/core';
import { completeEvent, nextEvent } from '../live/eventFrame.ts';
import { eventStreamHeaders } from './eventStreamWriter.ts';

/** Sends JSON text. @param type the media type, such as `application/json` */
export function sendText(
  response: ServerResponse,
  status: number,
  type: string,
  text: string,
  headers?: Record<string, string>,
): void {
  response.writeHead(status, {
    'content-type': `${type}; charset=utf-8`,
    'content-length': Buffer.byteLength(text),
    ...headers,
  });
  response.end(text);
}

/** Sends a small JSON reply. */
export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    ...headers,
  });
  response.end(text);
}

/** Sends a result as server-sent events, to a client that reads nothing else; its status is part of the errors then. */
export function sendEvents(response: ServerResponse, result: object, headers: Record<string, string>): void {
  const events = Buffer.concat([nextEvent(JSON.stringify(result)), completeEvent]);
  response.writeHead(200, { ...eventStreamHeaders, 'content-length': events.length, ...headers });
  response.end(events);
}

/** Refuses a request before GraphQL has seen it, in the shape of a GraphQL error. */
export function sendError(
  response: ServerResponse,
  status: number,
  code: ErrorCode,
  message: string,
  headers: Record<string, string> = {},
): void {
  sendJson(response, status, { errors: [{ message, extensions: { code } }] }, headers);
}
