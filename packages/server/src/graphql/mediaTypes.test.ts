import { describe, expect, test } from 'vitest';
import { acceptsAnswer, acceptsStream, resultType } from './mediaTypes.ts';

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

test.each<[accept: string | undefined, answer: boolean, stream: boolean]>([
  [undefined, true, true],
  ['', true, true],
  ['*/*', true, true],
  ['text/html, */*;q=0.1', true, true],
  ['application/json', true, false],
  ['application/graphql-response+json', true, false],
  ['application/json;charset=utf-8', true, false],
  ['application/*', true, false],
  ['Text/Event-Stream', true, true],
  ['text/*', true, true],
  ['text/event-stream, application/json', true, true],
  ['multipart/mixed', true, false],
  ['text/plain', false, false],
  ['text/html,application/xhtml+xml', false, false],
  ['image/*', false, false],
  ['application/json;charset=latin1', false, false],
  ['nothing', false, false],
])('%j accepts an answer: %j, and the answer to a subscription: %j', (accept, answer, stream) => {
  expect([acceptsAnswer(accept), acceptsStream(accept)]).toEqual([answer, stream]);
});
