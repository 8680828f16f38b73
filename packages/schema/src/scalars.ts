import { GraphQLScalarType } from 'graphql';
import { DateTimeResolver, JSONObjectResolver } from 'graphql-scalars';

export const DateTime = new GraphQLScalarType({
  ...DateTimeResolver.toConfig(),
  description: 'A moment, as RFC 3339 text; sent in UTC with milliseconds: `2026-11-24T09:30:00.000Z`.',
});

export const JSONObject = new GraphQLScalarType({
  ...JSONObjectResolver.toConfig(),
  description: 'A JSON object: `{"env": "prod"}`.',
});

const expectText = (value: unknown): string => {
  if (typeof value !== 'string')
    throw new TypeError(`expected a cursor, which is a text; got ${JSON.stringify(value)}`);
  return value;
};

export const Cursor = new GraphQLScalarType<string, string>({
  name: 'Cursor',
  description:
    'A place in the order of all changes. Opaque: keep the last one that you saw, and give it back as `after` to go on from there.',
  serialize: expectText,
  parseValue: expectText,
  parseLiteral: (node) => expectText('value' in node ? node.value : null),
});
