import { GraphQLScalarType } from 'graphql';
import { DateTimeResolver, JSONObjectResolver } from 'graphql-scalars';

/** A moment, as RFC 3339 text. */
export const DateTime = new GraphQLScalarType({
  ...DateTimeResolver.toConfig(),
  description: 'A moment, as RFC 3339 text. Answers are in UTC with milliseconds: `2026-11-24T09:30:00.000Z`.',
});

/** A JSON object, as labels and tags are. */
export const JSONObject = new GraphQLScalarType({
  ...JSONObjectResolver.toConfig(),
  description: 'A JSON object, such as `{"env": "prod"}`.',
});

const expectText = (value: unknown): string => {
  if (typeof value !== 'string')
    throw new TypeError(`expected a cursor, which is a text; got ${JSON.stringify(value)}`);
  return value;
};

/** A place in the order of all changes; opaque to clients. */
export const Cursor = new GraphQLScalarType<string, string>({
  name: 'Cursor',
  description:
    'A place in the order of all changes, as opaque text. Keep the cursor of the last change that you processed, and give it as `after` to resume behind that change.',
  serialize: expectText,
  parseValue: expectText,
  parseLiteral: (node) => expectText('value' in node ? node.value : null),
});
