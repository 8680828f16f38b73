import { type DescEnum, type DescField, type DescMessage, ScalarType } from '@bufbuild/protobuf';
import type { Protocol } from '../proto/protocol.ts';

/** A JSON Schema, as OpenAPI 3.1 takes it. */
export interface JsonSchema {
  $ref?: string;
  type?: string | readonly string[];
  format?: string;
  description?: string;
  enum?: readonly string[];
  items?: JsonSchema;
  anyOf?: readonly JsonSchema[];
  properties?: Record<string, JsonSchema>;
  additionalProperties?: boolean;
}

/** Messages and enums that others refer to, by the names that they are referred to by. */
export interface Schemas {
  /** A reference to a message or an enum, which is described along with all that it refers to. */
  refer(type: DescMessage | DescEnum): JsonSchema;
  /** One field, by itself. */
  field(field: DescField): JsonSchema;
  readonly all: Readonly<Record<string, JsonSchema>>;
}

const object: JsonSchema = { type: 'object', additionalProperties: true };
const anything: JsonSchema = {};

/** google.protobuf's own, which in JSON are what they stand for. */
const wellKnown: Readonly<Record<string, JsonSchema>> = {
  'google.protobuf.Struct': object,
  'google.protobuf.Value': anything,
  'google.protobuf.ListValue': { type: 'array', items: anything },
  'google.protobuf.Empty': { type: 'object' },
};

const scalars: Partial<Record<ScalarType, JsonSchema>> = {
  [ScalarType.STRING]: { type: 'string' },
  [ScalarType.BOOL]: { type: 'boolean' },
  [ScalarType.INT32]: { type: 'integer', format: 'int32' },
  [ScalarType.UINT32]: { type: 'integer', format: 'int64' },
};

const listOrObject: JsonSchema = { anyOf: [{ type: 'array', items: anything }, object] };
const core = 'spaceone.api.core.v2';
const plugin = 'spaceone.api.plugin.v1';
const clearable = (type: string): JsonSchema => ({ type: [type, 'null'] });

/** What JSON takes beyond what the message does. */
const wider: Readonly<Record<string, JsonSchema>> = {
  [`${core}.Query.sort`]: listOrObject,
  [`${core}.StatisticsAggregate.sort`]: listOrObject,
  [`${plugin}.PublishSupervisorRequest.labels`]: listOrObject,
  [`${plugin}.RegisterSupervisorRequest.is_public`]: clearable('boolean'),
  [`${plugin}.RegisterSupervisorRequest.priority`]: { type: ['integer', 'null'], format: 'int32' },
  [`${plugin}.RegisterSupervisorRequest.labels`]: clearable('object'),
  [`${plugin}.RegisterSupervisorRequest.tags`]: clearable('object'),
};

export function createSchemas(protocol: Protocol): Schemas {
  const all: Record<string, JsonSchema> = {};
  const described = (fullName: string, schema: JsonSchema): JsonSchema => {
    const description = protocol.comment(fullName);
    return description === undefined ? schema : { description, ...schema };
  };

  function refer(type: DescMessage | DescEnum): JsonSchema {
    const own = wellKnown[type.typeName];
    if (own) return own;
    const name = type.typeName.slice(type.file.proto.package.length + 1);
    if (!Object.hasOwn(all, name)) {
      // There already while it is described: a message may refer to itself.
      all[name] = {};
      all[name] = described(type.typeName, type.kind === 'enum' ? enumSchema(type) : messageSchema(type));
    }
    return { $ref: `#/components/schemas/${name}` };
  }

  function messageSchema(message: DescMessage): JsonSchema {
    const properties = Object.fromEntries(message.fields.map((one) => [one.name, field(one)]));
    return { type: 'object', properties };
  }

  function enumSchema({ typeName, values }: DescEnum): JsonSchema {
    const lines = values.map(({ name }) => `\`${name}\`: ${protocol.comment(`${typeName}.${name}`) ?? ''}`);
    return { type: 'string', enum: values.map(({ name }) => name), description: lines.join('\n') };
  }

  function field(one: DescField): JsonSchema {
    const fullName = `${one.parent.typeName}.${one.name}`;
    const single = one.message ?? one.enum;
    const schema = single ? refer(single) : (scalars[one.scalar ?? ScalarType.STRING] ?? anything);
    const narrow = one.fieldKind === 'list' ? { type: 'array', items: schema } : schema;
    return described(fullName, wider[fullName] ?? narrow);
  }

  return { refer, field, all };
}
