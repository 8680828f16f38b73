import { isObject } from '@muster/core';
import {
  type ConstValueNode,
  type DocumentNode,
  GraphQLError,
  type GraphQLInputField,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  type GraphQLLeafType,
  type GraphQLNamedType,
  GraphQLScalarType,
  GraphQLSchema,
  isInputObjectType,
  isInputType,
  isLeafType,
  isListType,
  isNonNullType,
  isRequiredInputField,
  Kind,
  type NamedTypeNode,
  type OperationDefinitionNode,
  typeFromAST,
  type VariableDefinitionNode,
  type VariableNode,
  valueFromAST,
} from 'graphql';

/** The values of an operation's variables. */
export type Variables = Readonly<Record<string, unknown>>;

/** Turns a value into the one that resolvers get for it; throws where the type refuses it. */
type Coerce = (value: unknown) => unknown;

/** Coerces an operation's variables; null where a type refuses a value. */
export type CoerceVariables = (given: Variables) => Variables | null;

/**
 * Makes the coercion of the variables that a valid document's operation defines, by GraphQL's own rules. They are worked
 * out once for each type, where graphql-js looks at the type again for every value. Refusals are without words: graphql-js,
 * asked to execute the same, has them.
 */
export function createVariableCoercion(
  schema: GraphQLSchema,
): (definitions: readonly VariableDefinitionNode[]) => CoerceVariables {
  const coercionOf = createInputCoercion();
  return (definitions) => {
    const variables = definitions.map((definition) => definedVariable(schema, definition, coercionOf));
    return (given) => {
      try {
        return coerceAll(variables, given);
      } catch {
        return null;
      }
    };
  };
}

interface DefinedVariable {
  readonly name: string;
  readonly type: GraphQLInputType;
  readonly coerce: Coerce;
  readonly defaultValue: ConstValueNode | undefined;
}

function definedVariable(
  schema: GraphQLSchema,
  { variable, type: typeNode, defaultValue }: VariableDefinitionNode,
  coercionOf: (type: GraphQLInputType) => Coerce,
): DefinedVariable {
  const name = variable.name.value;
  if (name === '__proto__') throw nameless(variable);
  const type = typeFromAST(schema, typeNode as NamedTypeNode);
  // Validation has seen to it.
  if (!isInputType(type)) throw new Error(`expected $${name} to have an input type`);
  return { name, type, coerce: coercionOf(type), defaultValue };
}

/** GraphQL's own coercion would lose the value: a filter without one means everything. */
function nameless(nodes: VariableNode): GraphQLError {
  const extensions = { http: { status: 400 } };
  return new GraphQLError('expected another name of a variable than $__proto__', { nodes, extensions });
}

function coerceAll(variables: readonly DefinedVariable[], given: Variables): Variables {
  const coerced: Record<string, unknown> = {};
  for (const { name, type, coerce, defaultValue } of variables) {
    if (Object.hasOwn(given, name)) coerced[name] = coerce(given[name]);
    else if (defaultValue) coerced[name] = valueFromAST(defaultValue, type);
    else if (isNonNullType(type)) refuse();
  }
  return coerced;
}

function createInputCoercion(): (type: GraphQLInputType) => Coerce {
  const objects = new Map<GraphQLInputObjectType, Coerce>();

  function coercionOf(type: GraphQLInputType): Coerce {
    if (isNonNullType(type)) {
      const coerce = coercionOf(type.ofType);
      return (value) => coerce(value ?? refuse());
    }
    const coerce = presentCoercionOf(type);
    return (value) => (value == null ? null : coerce(value));
  }

  /** Of a value that is not null. */
  function presentCoercionOf(type: GraphQLInputType): Coerce {
    if (isLeafType(type)) return leafCoercion(type);
    if (isListType(type)) return listCoercion(coercionOf(type.ofType));
    // The rule that exactly one field must come is left to graphql-js: no type of Muster's schema has it.
    if (!isInputObjectType(type) || type.isOneOf) return refuse;
    const known = objects.get(type) ?? objectCoercion(type, coercionOf);
    objects.set(type, known);
    return known;
  }

  return coercionOf;
}

function listCoercion(coerceItem: Coerce): Coerce {
  return (value) => (Array.isArray(value) ? value.map((item) => coerceItem(item)) : [coerceItem(value)]);
}

function leafCoercion(type: GraphQLLeafType): Coerce {
  return (value) => {
    const parsed: unknown = type.parseValue(value);
    return parsed === undefined ? refuse() : parsed;
  };
}

function objectCoercion(type: GraphQLInputObjectType, coercionOf: (type: GraphQLInputType) => Coerce): Coerce {
  // Read at the first value: a type may have fields of the same type.
  let fields: [GraphQLInputField, Coerce][] | undefined;
  return (value) => {
    if (!isObject(value)) return refuse();
    fields ??= Object.values(type.getFields()).map((field) => [field, coercionOf(field.type)]);
    const coerced: Record<string, unknown> = {};
    let unknownFields = Object.keys(value).length;
    for (const [field, coerce] of fields) {
      if (Object.hasOwn(value, field.name)) {
        coerced[field.name] = coerce(value[field.name]);
        unknownFields -= 1;
      } else if (isRequiredInputField(field)) refuse();
      else if (field.defaultValue !== undefined) coerced[field.name] = field.defaultValue;
    }
    return unknownFields === 0 ? coerced : refuse();
  };
}

function refuse(): never {
  throw new TypeError('the type refuses the value');
}

/** No text, so that no client can name the type. */
const coercedName = Symbol('coerced') as unknown as string;

/** The type of variables that are coerced already. */
const Coerced = new GraphQLScalarType({ name: 'Coerced', parseValue: (value) => value });

/** A schema that also knows `Coerced`, though not by a name that a client could ask for. */
export class CoercedSchema extends GraphQLSchema {
  constructor(schema: GraphQLSchema) {
    super({ ...schema.toConfig(), assumeValid: true });
  }

  override getType(name: string): GraphQLNamedType | undefined {
    return name === coercedName ? Coerced : super.getType(name);
  }
}

/** An operation alone, with its fragments, for a CoercedSchema: its variables come to it coerced. */
export function withCoercedVariables(document: DocumentNode, operation: OperationDefinitionNode): DocumentNode {
  const type: NamedTypeNode = { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: coercedName } };
  const variableDefinitions = operation.variableDefinitions?.map(({ kind, variable }) => ({ kind, variable, type }));
  const fragments = document.definitions.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION);
  return {
    ...document,
    definitions: [{ ...operation, ...(variableDefinitions && { variableDefinitions }) }, ...fragments],
  };
}
