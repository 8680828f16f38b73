import { type Column, type ColumnFormat, columnOf } from '@muster/core';
import {
  type GraphQLField,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { getDatamodel } from '../generated/pothos.ts';

/** The types whose objects are rows; their Prisma models have the same names. */
export type RowType = 'Supervisor' | 'Plugin';

/** Fields that expose a column as it is. */
export type Columns = ReadonlyMap<GraphQLField<unknown, unknown>, Column>;

/**
 * The columns that the fields of the row types expose (`t.expose...`), as the Prisma data model has them: the types' own
 * definitions are the only list of columns.
 */
export function columnsOf(schema: GraphQLSchema): Columns {
  const { models } = getDatamodel().datamodel;
  const columns = new Map<GraphQLField<unknown, unknown>, Column>();
  for (const typeName of ['Supervisor', 'Plugin'] satisfies RowType[]) {
    const type = schema.getType(typeName);
    if (!isObjectType(type)) throw new Error(`the schema has no type ${typeName}`);
    for (const field of Object.values(type.getFields())) {
      const column = exposedColumn(field, models[typeName]?.fields ?? []);
      if (column) columns.set(field, column);
    }
  }
  return columns;
}

interface StoredField {
  readonly name: string;
  readonly type: string;
  readonly kind: string;
  readonly isList: boolean;
}

function exposedColumn(
  { type, extensions }: GraphQLField<unknown, unknown>,
  fields: readonly StoredField[],
): Column | null {
  const stored = fields.find(({ name }) => name === extensions.pothosExposedField);
  const format = stored && formatOf(type, stored);
  return format ? { column: columnOf(stored.name), format, nullable: !isNonNullType(type) } : null;
}

/** The format in which the column's value is the field's JSON; null where the type would serialise it otherwise. */
function formatOf(type: GraphQLOutputType, { kind, type: storedType, isList }: StoredField): ColumnFormat | null {
  const named = getNamedType(type);
  const inner = isNonNullType(type) ? type.ofType : type;
  if (isListType(inner) !== isList) return null;
  if (kind === 'enum')
    return isEnumType(named) && named.getValues().every(({ name, value }) => name === value) ? 'word' : null;
  const format = scalarFormats[storedType]?.[named.name] ?? null;
  if (isList) return format === 'text' ? 'texts' : null;
  return format;
}

/** Formats by the type in the Prisma model, then by the type in the schema. */
const scalarFormats: Readonly<Record<string, Readonly<Record<string, ColumnFormat>>>> = {
  String: { String: 'text', ID: 'text' },
  Int: { Int: 'plain' },
  Boolean: { Boolean: 'plain' },
  DateTime: { DateTime: 'time' },
  Json: { JSONObject: 'json' },
};
