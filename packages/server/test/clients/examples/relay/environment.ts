import { Environment, Network, Observable, RecordSource, Store } from 'relay-runtime';
import { createLiveClient } from '../live.ts';

export function createRelayEnvironment(url: string, token: string): Environment {
  const live = createLiveClient(url, token);
  return new Environment({
    network: Network.create(
      async ({ text: query, name: operationName }, variables) => {
        const response = await fetch(url, {
          method: 'POST',
          headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
          body: JSON.stringify({ query, operationName, variables }),
        });
        return await response.json();
      },
      ({ text: query, name: operationName }, variables) =>
        Observable.create((sink) => live.subscribe({ query: query ?? '', operationName, variables }, sink)),
    ),
    store: new Store(new RecordSource()),
  });
}
