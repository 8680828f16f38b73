import { describe, isObject, type JsonObject } from '@muster/core';
import { GraphQLError, GraphQLScalarType, Kind, type ValueNode } from 'graphql';
import { DateTimeResolver } from 'graphql-scalars';

/** A moment, as RFC 3339 text. */
export const DateTime = new GraphQLScalarType({
  ...DateTimeResolver.toConfig(),
  description:
    'A moment, as RFC 3339 text. Answers are in UTC with milliseconds: `2026-11-24T09:30:00.000Z`. Input may have any offset, and is cut to milliseconds.',
});

function requireObject(value: unknown): JsonObject {
  if (!isObject(value)) throw new TypeError(`expected a JSON object; got ${describe(value)}`);
  return value;
}

type Variables = Readonly<Record<string, unknown>> | null | undefined;

/**
 * The JSON that a literal stands for, with any key.
 *
 * @param variables absent while a document is validated
 * @throws GraphQLError for what JSON has no form for, rather than leaving it out
 */
function jsonOfLiteral(node: ValueNode, variables: Variables): unknown {
  switch (node.kind) {
    case Kind.OBJECT:
      return Object.fromEntries(node.fields.map(({ name, value }) => [name.value, jsonOfLiteral(value, variables)]));
    case Kind.LIST:
      return node.values.map((value) => jsonOfLiteral(value, variables));
    case Kind.STRING:
    case Kind.BOOLEAN:
      return node.value;
    case Kind.INT:
    case Kind.FLOAT:
      return requireExact(node, node.value);
    case Kind.NULL:
      return null;
    case Kind.VARIABLE:
      return variableIn(node, node.name.value, variables);
    case Kind.ENUM:
      throw refused(node, `expected a text in quotes, as "${node.value}"; got the word ${node.value}`);
  }
}

/** The number that a literal stands for, unless it is another one by the time it is a double. */
function requireExact(node: ValueNode, text: string): number {
  const value = Number(text);
  const isTooSmall = value === 0 && /[1-9]/.test(text.replace(/e.*/i, ''));
  if (Math.abs(value) <= Number.MAX_SAFE_INTEGER && !isTooSmall) return value;
  throw refused(node, `expected a number that keeps its digits, or a text in quotes; got ${text.slice(0, 80)}`);
}

function variableIn(node: ValueNode, name: string, variables: Variables): unknown {
  if (!variables) return null;
  if (Object.hasOwn(variables, name)) return variables[name];
  throw refused(node, `expected a value for $${name}; got none`);
}

const refused = (nodes: ValueNode, problem: string) => new GraphQLError(problem, { nodes });

/** A JSON object, as labels and tags are. Each is taken whole, or refused: here or, for what only values show, in core. */
export const JSONObject = new GraphQLScalarType<JsonObject, unknown>({
  name: 'JSONObject',
  description:
    'A JSON object, such as `{"env": "prod"}`. It is taken whole or refused: as a literal its texts stand in quotes and its variables have values, and numbers lie within ±9007199254740991.',
  specifiedByURL: 'http://www.ecma-international.org/publications/files/ECMA-ST/ECMA-404.pdf',
  serialize: requireObject,
  parseValue: requireObject,
  parseLiteral: (node, variables) => requireObject(jsonOfLiteral(node, variables)),
});

function requireText(value: unknown): string {
  if (typeof value !== 'string') throw new TypeError(`expected a cursor, which is a text; got ${describe(value)}`);
  return value;
}

/** A place in the order of all changes; opaque to clients. */
export const Cursor = new GraphQLScalarType<string, string>({
  name: 'Cursor',
  description:
    'A place in the order of all changes, as opaque text. Keep the cursor of the last change that you processed, and give it as `after` to resume behind that change.',
  serialize: requireText,
  parseValue: requireText,
  parseLiteral: (node) => {
    if (node.kind === Kind.STRING) return node.value;
    throw refused(node, 'expected a cursor, which is a text in quotes');
  },
});
