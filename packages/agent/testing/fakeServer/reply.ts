import type { ServerResponse } from 'node:http';

/** An answer of a fake: JSON, nothing, or parts that come as they do until `send` resolves. */
export type Reply =
  | { readonly status: number; readonly json?: unknown }
  | { readonly send: (write: (part: string | Buffer) => void, ended: AbortSignal) => Promise<void> };

/** Sends a reply whole. */
export async function sendReply(response: ServerResponse, reply: Reply): Promise<void> {
  if ('status' in reply) {
    const text = reply.json === undefined ? '' : JSON.stringify(reply.json);
    response.writeHead(reply.status, { 'content-type': 'application/json' }).end(text);
    return;
  }
  const ending = new AbortController();
  response.on('close', () => ending.abort());
  response.writeHead(200, { 'content-type': 'application/json' });
  response.flushHeaders();
  await reply.send((part) => void response.write(part), ending.signal);
  response.end();
}

/** The engine's form of an error. */
export function refusal(status: number, message: string): Reply {
  return { status, json: { message } };
}
