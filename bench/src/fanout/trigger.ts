import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createEvents, type PluginStateChange } from './event.ts';

/** Makes what tells whether a request is the bench's own, for a batch of events; if so, it publishes them and answers. */
export function answerTrigger(publish: (batch: readonly PluginStateChange[]) => void) {
  const nextBatch = createEvents();
  return (request: IncomingMessage, response: ServerResponse): boolean => {
    const url = URL.parse(request.url ?? '/', 'http://bench');
    if (url?.pathname !== '/trigger') return false;
    publish(nextBatch(Number(url.searchParams.get('events'))));
    response.writeHead(204).end();
    return true;
  };
}

/** Listens, and tells the bench the port. */
export function listen(server: Server): void {
  server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
}
