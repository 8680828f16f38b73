import type { CDPSession } from 'playwright-core';

/** A response, or a message of a WebSocket. */
export interface Response {
  /** The path that it came from. */
  readonly path: string;
  /** Its size, not compressed. */
  readonly bytes: number;
}

/** Counts what a page gets from its server. */
export interface Traffic {
  /** The largest response so far. */
  largest(): Response;
  /** Number of messages of WebSockets so far. */
  messages(): number;
}

/** Counts from now on. */
export async function watchTraffic(session: CDPSession): Promise<Traffic> {
  const paths = new Map<string, string>();
  const sizes = new Map<string, number>();
  let largest: Response = { path: '', bytes: 0 };
  let messages = 0;
  const take = (id: string, bytes: number) => {
    if (bytes > largest.bytes) largest = { path: paths.get(id) ?? '', bytes };
  };
  session.on('Network.requestWillBeSent', ({ requestId, request }) => {
    paths.set(requestId, new URL(request.url).pathname);
  });
  session.on('Network.dataReceived', ({ requestId, dataLength }) => {
    const bytes = (sizes.get(requestId) ?? 0) + dataLength;
    sizes.set(requestId, bytes);
    take(requestId, bytes);
  });
  session.on('Network.webSocketCreated', ({ requestId, url }) => {
    paths.set(requestId, new URL(url).pathname);
  });
  session.on('Network.webSocketFrameReceived', ({ requestId, response }) => {
    messages += 1;
    take(requestId, Buffer.byteLength(response.payloadData));
  });
  await session.send('Network.enable');
  return { largest: () => largest, messages: () => messages };
}
