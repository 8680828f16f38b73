import { describe, expect, test } from 'vitest';
import { resultType } from './graphqlPost.ts';

describe('the type that a result is sent in', () => {
  test.each([
    [undefined, 'application/json'],
    ['*/*', 'application/json'],
    ['application/*', 'application/json'],
    ['application/json', 'application/json'],
    ['Application/JSON', 'application/json'],
    ['application/graphql-response+json', 'application/graphql-response+json'],
    // Apollo Client's.
    ['application/graphql-response+json,application/json;q=0.9', 'application/graphql-response+json'],
    // urql's.
    [
      'application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed',
      'application/graphql-response+json',
    ],
    ['text/event-stream, application/json', 'application/json'],
    ['application/json, application/graphql-response+json', 'application/json'],
  ])('is, of those accepted by %j, the first that is JSON: %s', (accept, type) => {
    expect(resultType(accept)).toBe(type);
  });

  test.each(['', 'text/html', 'text/event-stream', 'application/json; charset=utf-8', 'multipart/mixed;charset=x'])(
    'is for yoga to say where %j is accepted',
    (accept) => {
      expect(resultType(accept)).toBeNull();
    },
  );
});
