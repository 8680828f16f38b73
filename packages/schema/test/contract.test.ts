import { readFileSync } from 'node:fs';
import { nodeKinds } from '@muster/core';
import {
  type DefinitionNode,
  type EnumTypeDefinitionNode,
  type FieldDefinitionNode,
  type GraphQLInterfaceType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  getNamedType,
  getNullableType,
  type InputValueDefinitionNode,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isListType,
  isNonNullType,
  isObjectType,
  isSpecifiedScalarType,
  Kind,
  parse,
  print,
  printSchema,
} from 'graphql';
import { expect, test } from 'vitest';
import { buildSchema } from '../src/schema.ts';

const schema = buildSchema();
const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');

test('schema.graphql is what the code makes (drift); "node packages/schema/scripts/printSchema.ts" writes it anew', () => {
  expect(`${printSchema(schema)}\n`).toBe(read('../schema.graphql'));
});

test('every type, field, argument, input field and enum value has a description', () => {
  const own = Object.values(schema.getTypeMap()).filter(
    (type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type),
  );
  expect(own.length).toBeGreaterThan(50);
  const undescribed = own.flatMap(described).filter(([, description]) => !description?.trim().match(/[.:`]$/));
  expect(undescribed.map(([name]) => name)).toEqual([]);
});

function described(type: GraphQLNamedType): [string, string | null | undefined][] {
  const own: [string, string | null | undefined] = [type.name, type.description];
  if (isObjectType(type) || isInterfaceType(type)) {
    const fields = Object.values(type.getFields()).flatMap((field): [string, string | null | undefined][] => [
      [`${type.name}.${field.name}`, field.description],
      ...field.args.map((argument): [string, string | null | undefined] => [
        `${type.name}.${field.name}(${argument.name})`,
        argument.description,
      ]),
    ]);
    return [own, ...fields];
  }
  const parts = isInputObjectType(type) ? Object.values(type.getFields()) : isEnumType(type) ? type.getValues() : [];
  return [
    own,
    ...parts.map((part): [string, string | null | undefined] => [`${type.name}.${part.name}`, part.description]),
  ];
}

test('the contract is in the schema: every name, type and nullability, whatever may stand beside it', () => {
  const files = ['./contract.graphql', './catalogueContract.graphql'];
  const definitions = files.flatMap((file) => parse(read(file)).definitions);
  expect(definitions.length).toBeGreaterThan(50);
  expect(definitions.flatMap(missing)).toEqual([]);
});

const outputs = Object.values(schema.getTypeMap()).filter(
  (type): type is GraphQLObjectType => isObjectType(type) && !isIntrospectionType(type),
);
const node = schema.getType('Node') as GraphQLInterfaceType;
const nodes = schema.getPossibleTypes(node).map(({ name }) => name);

test('a field named id stands only on types that implement Node, and in the filters of these', () => {
  expect(outputs.filter((type) => 'id' in type.getFields()).map(({ name }) => name)).toEqual(nodes);
  const inputs = Object.values(schema.getTypeMap()).filter(isInputObjectType);
  const withId = inputs.filter((type) => 'id' in type.getFields()).map(({ name }) => name);
  expect(withId.filter((name) => !nodes.includes(name.replace(/Filter$/, '')))).toEqual([]);
});

test('every type that implements Node is a kind that ids name, and the other way round', () => {
  expect(nodes.toSorted()).toEqual(nodeKinds.toSorted());
});

test('root fields of queries and mutations are nullable; those of subscriptions, which stand alone, are not', () => {
  const required = (type: GraphQLObjectType | null | undefined) =>
    Object.values(type?.getFields() ?? {}).filter((field) => isNonNullType(field.type));
  expect(required(schema.getQueryType())).toEqual([]);
  expect(required(schema.getMutationType())).toEqual([]);
  const subscriptions = schema.getSubscriptionType();
  expect(required(subscriptions)).toEqual(Object.values(subscriptions?.getFields() ?? {}));
});

/** Lists that are no connections, and why they need not be. */
const bounded: Readonly<Record<string, string>> = {
  'Query.nodes': 'as many as ids that are given',
  'Query.assignments': 'an agent removes what is not listed, so that the list is always whole',
  'AssignmentsChange.assignments': 'as Query.assignments',
  'Query.supervisorStats': 'more than 10,000 groups are refused',
  'Query.pluginStats': 'more than 10,000 groups are refused',
  'PublishSupervisorPayload.rejected': 'as many as plugins in the report',
  'Supervisor.conditions': 'one of each type',
  'Viewer.conditions': 'at most 1,000',
  'ServerInfo.settings': 'as many as settings that a server has',
  'UninstallPluginPayload.plugins': 'at most 1,000',
  'ReleaseSpec.environment': 'at most 100',
  'ReleaseSpec.ports': 'at most 64',
  'UninstallPluginPayload.keptBy': 'the deployments of one plugin',
  'CreateDeploymentPayload.placements': 'at most 1,000',
  'UpdateDeploymentPayload.placements': 'at most 1,000',
  'DeleteDeploymentPayload.placements': 'at most 1,000',
  'DeploymentStatus.conditions': 'one of each type',
};

test('a list of objects is a connection, unless it has a bound', () => {
  const isListOfObjects = (type: GraphQLOutputType) =>
    isListType(getNullableType(type)) && isCompositeType(getNamedType(type));
  const lists = outputs
    .filter(({ name }) => !name.endsWith('Connection'))
    .flatMap((type) =>
      Object.values(type.getFields())
        .filter((field) => isListOfObjects(field.type) && !String(getNamedType(field.type)).startsWith('BulkItem'))
        .map((field) => `${type.name}.${field.name}`),
    );
  expect(lists.toSorted()).toEqual(Object.keys(bounded).toSorted());
});

/** The parts of a definition that the schema lacks, or has differently. */
function missing(definition: DefinitionNode): string[] {
  if (!('name' in definition) || !definition.name) return [];
  const name = definition.name.value;
  const type = schema.getType(name);
  if (!type) return [name];
  switch (definition.kind) {
    case Kind.OBJECT_TYPE_DEFINITION:
    case Kind.INTERFACE_TYPE_DEFINITION: {
      if (!isObjectType(type) && !isInterfaceType(type)) return [`${name} is another kind of type`];
      const interfaces = type.getInterfaces().map((each) => each.name);
      const lacking = (definition.interfaces ?? []).filter((each) => !interfaces.includes(each.name.value));
      const fields = type.getFields();
      return [
        ...lacking.map((each) => `${name} implements ${each.name.value}`),
        ...(definition.fields ?? []).flatMap((field) => missingField(name, field, fields[field.name.value])),
      ];
    }
    case Kind.INPUT_OBJECT_TYPE_DEFINITION: {
      if (!isInputObjectType(type)) return [`${name} is another kind of type`];
      const fields = type.getFields();
      return (definition.fields ?? []).flatMap((field) => missingInput(`${name}.`, field, fields[field.name.value]));
    }
    case Kind.ENUM_TYPE_DEFINITION:
      return missingValues(definition, type);
    default:
      return [];
  }
}

interface Typed {
  type: { toString(): string };
  defaultValue?: unknown;
}

function missingField(
  owner: string,
  wanted: FieldDefinitionNode,
  field: (Typed & { args: readonly (Typed & { name: string })[] }) | undefined,
): string[] {
  const name = `${owner}.${wanted.name.value}`;
  if (!field) return [name];
  const differs = String(field.type) === print(wanted.type) ? [] : [`${name} is ${field.type}`];
  const args = (wanted.arguments ?? []).flatMap((argument) =>
    missingInput(
      `${name}/`,
      argument,
      field.args.find((each) => each.name === argument.name.value),
    ),
  );
  return [...differs, ...args];
}

function missingInput(prefix: string, wanted: InputValueDefinitionNode, input: Typed | undefined): string[] {
  const name = `${prefix}${wanted.name.value}`;
  if (!input) return [name];
  if (String(input.type) !== print(wanted.type)) return [`${name} is ${input.type}`];
  const { defaultValue } = wanted;
  if (defaultValue?.kind === Kind.BOOLEAN && defaultValue.value !== input.defaultValue) return [`${name}'s default`];
  return [];
}

function missingValues(wanted: EnumTypeDefinitionNode, type: GraphQLNamedType): string[] {
  if (!isEnumType(type)) return [`${type.name} is another kind of type`];
  return (wanted.values ?? []).flatMap(({ name }) => (type.getValue(name.value) ? [] : [`${type.name}.${name.value}`]));
}
