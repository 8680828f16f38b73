import type { IncomingMessage, ServerResponse } from 'node:http';
import { createEvents, type PluginStateChange } from './event.ts';

/** Creates a handler of the bench's requests for a batch: it publishes and answers; returns false for other requests. */
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
