import { describe, expect, it } from 'vitest';
import type { MusterClient } from './client.ts';
import { followSubscription } from './followSubscription.ts';
import { TypedDocumentString } from './generated/graphql.ts';
import { RequestError } from './requestError.ts';

const document = new TypedDocumentString<{ cursor: string }, { after: string | undefined }>('subscription { a }');

/** A client whose subscriptions give these, one after another, and what each was asked for. */
function clientOf(runs: (string | RequestError)[][]) {
  const asked: unknown[] = [];
  const client: Pick<MusterClient, 'subscribe'> = {
    subscribe: async function* (_document, variables) {
      asked.push(variables);
      for (const each of runs.shift() ?? []) {
        if (each instanceof RequestError) throw each;
        yield { cursor: each } as never;
      }
    },
  };
  return { client, asked };
}

function follow(client: Pick<MusterClient, 'subscribe'>, signal: AbortSignal, errors: RequestError[] = []) {
  return followSubscription({
    client,
    document,
    variables: (after) => ({ after }),
    cursorOf: ({ cursor }) => cursor,
    onError: (error) => errors.push(error),
    signal,
    random: () => 0,
  });
}

describe('a followed subscription', () => {
  it('goes on behind the last cursor, whether it was lost, was too slow, or the server ended it', async () => {
    const lost = new RequestError('UNREACHABLE', 'gone');
    const slow = new RequestError('SLOW_CONSUMER', 'too slow');
    const { client, asked } = clientOf([['1', '2', lost], ['3'], [slow], ['4']]);
    const stopping = new AbortController();
    const errors: RequestError[] = [];
    const seen: string[] = [];
    for await (const { cursor } of follow(client, stopping.signal, errors)) {
      seen.push(cursor);
      if (seen.length === 4) stopping.abort();
    }
    expect(seen).toEqual(['1', '2', '3', '4']);
    expect(asked).toEqual([{ after: undefined }, { after: '2' }, { after: '3' }, { after: '3' }]);
    expect(errors).toEqual([lost, slow]);
  });

  it('ends with an error that no retry mends', async () => {
    const { client } = clientOf([[new RequestError('CURSOR_EXPIRED', 'too old')]]);
    await expect(follow(client, new AbortController().signal).next()).rejects.toThrow('too old');
  });
});
