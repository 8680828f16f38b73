import { createClient } from 'graphql-ws';
import { pause, resuming } from './resume.ts';

/** A client of graphql-ws whose subscriptions survive restarts of the server. `url` is that of HTTP. */
export function createLiveClient(url: string, token: string) {
  const client = createClient({
    url: url.replace(/^http/, 'ws'),
    connectionParams: { authorization: `Bearer ${token}` },
    retryAttempts: Infinity,
    retryWait: (tries) => pause(tries),
    // 4403: the credential is refused. Without this line a server that is away would end the subscription.
    shouldRetry: (event) => (event as { code?: number }).code !== 4403,
  });
  return { ...client, subscribe: resuming(client.subscribe) };
}
