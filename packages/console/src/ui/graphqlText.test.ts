import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import {
  buildSchema,
  coerceInputValue,
  type GraphQLInputType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isRequiredInputField,
  Kind,
  type OperationDefinitionNode,
  parse,
  typeFromAST,
  valueFromAST,
} from 'graphql';
import { expect, test } from 'vitest';
import * as operations from '../generated/operations.ts';
import { graphqlText } from './graphqlText.ts';

const schema = buildSchema(readFileSync(new URL('../../../schema/schema.graphql', import.meta.url), 'utf8'));
const mutations = Object.values(operations).filter((document) => document.startsWith('mutation '));

/** How deep inputs lie in others here: filters may lie in filters without end. */
const deepest = 3;

/** Any values of a type, as JSON has them. */
function valuesOf(type: GraphQLInputType, depth = 0): fc.Arbitrary<unknown> {
  return isNonNullType(type) ? presentOf(type.ofType, depth) : fc.option(presentOf(type, depth));
}

function presentOf(type: GraphQLInputType, depth: number): fc.Arbitrary<unknown> {
  if (isListType(type)) return fc.array(valuesOf(type.ofType, depth), { maxLength: 3 });
  if (isEnumType(type)) return fc.constantFrom(...type.getValues().map(({ name }) => name));
  if (isInputObjectType(type)) {
    const fields = Object.values(type.getFields());
    const required = fields.filter(isRequiredInputField);
    const taken = depth < deepest ? fields : required;
    return fc.record(Object.fromEntries(taken.map((field) => [field.name, valuesOf(field.type, depth + 1)])), {
      requiredKeys: required.map(({ name }) => name),
    });
  }
  switch (type.name) {
    case 'Boolean':
      return fc.boolean();
    case 'Int':
      return fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
    case 'Float':
      return fc.integer();
    case 'JSONObject':
      return fc.dictionary(keys, fc.oneof(texts, fc.integer(), fc.boolean(), fc.constant(null), fc.array(texts)));
    default:
      return texts;
  }
}

// One that looks like an enum's, and one that ends a text.
const texts = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('ENABLED', 'a "b"\n\\c'));
const keys = fc.constantFrom('env', 'a_b', 'state', 'kind');

/** The input that a text has for the server, and the type of it. */
function inputIn(text: string): unknown {
  const [operation] = parse(text).definitions as OperationDefinitionNode[];
  const [field] = operation?.selectionSet.selections ?? [];
  if (field?.kind !== Kind.FIELD) throw new Error(`expected a field; got ${text}`);
  const argument = schema.getMutationType()?.getFields()[field.name.value]?.args[0];
  const given = field.arguments?.[0]?.value;
  if (argument === undefined || given === undefined) throw new Error(`expected an argument; got ${text}`);
  return valueFromAST(given, argument.type);
}

function inputTypeOf(document: string): GraphQLInputType {
  const [operation] = parse(document).definitions as OperationDefinitionNode[];
  const type = operation?.variableDefinitions?.[0]?.type;
  const found = type && typeFromAST(schema, type);
  if (!found) throw new Error(`expected a variable; got ${document}`);
  return found as GraphQLInputType;
}

test.each(mutations.map((document) => [/\w+/.exec(document.slice('mutation '.length))?.[0], document]))(
  'K16: %s is copied as text that runs as it is, and has the same input for the server',
  (_name, document = '') => {
    const type = inputTypeOf(document);
    fc.assert(
      fc.property(valuesOf(type), (input) => {
        const text = graphqlText(document, { input: input as object });
        expect(parse(text).definitions[0]).toMatchObject({ operation: 'mutation', variableDefinitions: [] });
        expect(inputIn(text)).toEqual(coerceInputValue(input, type));
      }),
      { numRuns: 30 },
    );
  },
);

test('K16: a change with a key that GraphQL has no words for is copied as the body of a request', () => {
  const variables = { input: { supervisorId: 'supervisor-1', labels: { 'kubernetes.io/role': 'edge' } } };
  const text = graphqlText(operations.registerSupervisor, variables);
  expect(JSON.parse(text)).toEqual({ query: operations.registerSupervisor, variables });
});

test('K16: a short input stands in one line, a longer one has a line for each of its parts', () => {
  expect(graphqlText(operations.disableSupervisor, { input: { supervisorId: 'supervisor-1' } })).toMatch(
    /^mutation disableSupervisor \{\n {2}disableSupervisor\(input: \{supervisorId: "supervisor-1"\}\) \{\n/,
  );
  const labels = { env: 'prod', region: 'eu-central-1', owner: 'platform', zone: 'a', rack: 7, row: 12, hall: 3 };
  expect(graphqlText(operations.registerSupervisor, { input: { supervisorId: 'supervisor-1', labels } })).toContain(
    'registerSupervisor(input: {\n    supervisorId: "supervisor-1"\n    labels: {\n      env: "prod"\n',
  );
});
