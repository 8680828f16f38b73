import type { DescMethod } from '@bufbuild/protobuf';
import { errorCodes } from '@muster/core';
import type { Method, Route, WireService } from '../methods/methods.ts';
import type { Protocol } from '../proto/protocol.ts';
import { createSchemas, type JsonSchema, type Schemas } from './jsonSchema.ts';

/** A parameter of an operation, as OpenAPI describes it. */
interface ApiParameter {
  readonly name: string;
  readonly in: 'path' | 'query';
  readonly required?: true;
  readonly description: string;
  readonly schema?: JsonSchema;
  readonly content?: Readonly<Record<string, { readonly schema: JsonSchema }>>;
}

/** An operation, as OpenAPI describes it. */
export interface ApiOperation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly parameters: readonly ApiParameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: JsonSchema }>> };
  readonly responses: Readonly<Record<string, object>>;
}

/** An OpenAPI 3.1 document. */
export interface ApiDocument {
  readonly openapi: '3.1.0';
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly servers: readonly { readonly url: string }[];
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, ApiOperation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, JsonSchema>>;
    readonly securitySchemes: Readonly<Record<string, object>>;
  };
}

/** Describes the REST routes of a service's methods. @param basePath the path that they lie below; empty for none */
export function describeApi(protocol: Protocol, { name, methods }: WireService, basePath: string): ApiDocument {
  const schemas = createSchemas(protocol);
  const service = protocol.service(name);
  const paths: Record<string, Record<string, ApiOperation>> = {};
  for (const method of methods) {
    const desc = service.methods.find((each) => each.name === method.name);
    if (!desc) throw new Error(`${method.name} is not described`);
    for (const route of method.routes) {
      paths[route.path] = {
        ...paths[route.path],
        [route.verb.toLowerCase()]: operation(protocol, schemas, method, desc, route),
      };
    }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Muster: supervisors and plugins',
      version: 'v1',
      description: protocol.comment(name) ?? '',
    },
    servers: [{ url: basePath || '/' }],
    // A server without configured credentials asks for none.
    security: [{ bearer: [] }, {}],
    paths,
    components: {
      schemas: { ...schemas.all, Error: errorSchema },
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', description: 'An API key or a JWT.' } },
    },
  };
}

const errorSchema: JsonSchema = {
  type: 'object',
  description: 'A refusal.',
  properties: {
    error: {
      type: 'object',
      properties: {
        code: { type: 'string', enum: errorCodes, description: 'The error code, of the closed set.' },
        message: { type: 'string', description: 'The reason in words: the expected value, and the given one.' },
        path: {
          type: 'array',
          items: { anyOf: [{ type: 'string' }, { type: 'integer' }] },
          description: 'The place of the offending field in the request.',
        },
        details: { type: 'object', additionalProperties: true, description: 'Facts about the refusal, for programs.' },
      },
    },
  },
};

function operation(protocol: Protocol, schemas: Schemas, method: Method, desc: DescMethod, route: Route): ApiOperation {
  const comment = (name: string) => protocol.comment(`${desc.input.typeName}.${name}`) ?? '';
  const inPath = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  const hasBody = route.verb === 'POST' || route.verb === 'PUT';
  const inQuery = hasBody ? [] : desc.input.fields.filter((field) => !inPath.includes(field.name));
  const index = method.routes.indexOf(route);
  return {
    operationId: index === 0 ? method.name : `${method.name}_by_${route.verb.toLowerCase()}`,
    tags: [desc.parent.name],
    summary: protocol.comment(`${desc.parent.typeName}.${method.name}`) ?? '',
    parameters: [
      ...inPath.map((name): ApiParameter => {
        return { name, in: 'path', required: true, description: comment(name), schema: { type: 'string' } };
      }),
      ...inQuery.map((field): ApiParameter => {
        const schema = schemas.field(field);
        // One parameter holds a message as JSON.
        const form = field.message ? { content: { 'application/json': { schema } } } : { schema };
        return { name: field.name, in: 'query', description: comment(field.name), ...form };
      }),
    ],
    ...(hasBody ? { requestBody: { content: { 'application/json': { schema: schemas.refer(desc.input) } } } } : {}),
    responses: {
      200: { description: 'The answer.', content: { 'application/json': { schema: schemas.refer(desc.output) } } },
      default: {
        description: 'A refusal.',
        content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
      },
    },
  };
}
