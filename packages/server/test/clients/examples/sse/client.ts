import { createClient } from 'graphql-sse';
import { pause, resuming } from '../resume.ts';

/** A client of graphql-sse whose subscriptions survive restarts of the server. */
export function createEventClient(url: string, token: string) {
  const client = createClient({
    url,
    headers: { authorization: `Bearer ${token}` },
    retryAttempts: Infinity,
    retry: (tries) => pause(tries),
  });
  return { ...client, subscribe: resuming(client.subscribe) };
}
