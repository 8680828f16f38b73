import fc from 'fast-check';
import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';

/** A request that GraphQL finds valid, though its values may be refused. */
export interface RandomRead {
  readonly query: string;
  readonly variables: Record<string, unknown>;
}

export interface RandomReadOptions {
  readonly schema: GraphQLSchema;
  /** Fields at the root, the likelier the oftener they are named. */
  readonly roots: readonly string[];
  /** Values that mean something, by the names of the arguments and input fields that they are for. */
  readonly values: Readonly<Record<string, readonly unknown[]>>;
}

/** Documents over the schema: aliases, fragments, directives, variables, and arguments of all kinds. */
export function randomReads(options: RandomReadOptions): fc.Arbitrary<RandomRead> {
  return fc.gen().map((choose) => new Writer(options, choose).document());
}

const deepest = 4;

class Writer {
  readonly #options: RandomReadOptions;
  readonly #choose: fc.GeneratorValue;
  readonly #variables: Record<string, unknown> = {};
  readonly #definitions: string[] = [];
  readonly #fragments: string[] = [];
  #names = 0;

  constructor(options: RandomReadOptions, choose: fc.GeneratorValue) {
    this.#options = options;
    this.#choose = choose;
  }

  document(): RandomRead {
    const { schema, roots } = this.#options;
    const query = schema.getQueryType();
    if (!query) throw new Error('the schema has no Query');
    const names = Array.from({ length: 1 + this.#below(3) }, () => this.#one(roots));
    const fields = names.map((name) => (name === '__typename' ? name : this.#field(query, name, 0)));
    const body = this.#wrapped(query, fields, 0);
    const definitions = this.#definitions.length > 0 ? `(${this.#definitions.join(', ')})` : '';
    return {
      query: [`query ${definitions} { ${body} }`, ...this.#fragments].join('\n'),
      variables: this.#variables,
    };
  }

  #below(limit: number): number {
    return this.#choose(fc.nat, { max: limit - 1 });
  }

  #one<Value>(values: readonly Value[]): Value {
    return values[this.#below(values.length)] as Value;
  }

  #isSo(oneIn: number): boolean {
    return this.#below(oneIn) === oneIn - 1;
  }

  #newName(): string {
    this.#names += 1;
    return `n${this.#names}`;
  }

  /** Selections of an object's fields, some of them in fragments. */
  #wrapped(type: GraphQLObjectType, fields: readonly string[], depth: number): string {
    return fields.map((field) => this.#inFragment(type, field, depth)).join(' ');
  }

  #inFragment(type: GraphQLObjectType, field: string, depth: number): string {
    const kind = this.#below(8);
    if (kind === 5) return `... ${this.#directive()} { ${field} }`;
    if (kind === 6) return `... on ${type.name} ${this.#directive()} { ${field} }`;
    if (kind === 7 && depth > 0) {
      const name = this.#newName();
      this.#fragments.push(`fragment ${name} on ${type.name} { ${field} }`);
      return `...${name} ${this.#directive()}`;
    }
    return field;
  }

  #directive(): string {
    if (!this.#isSo(4)) return '';
    const word = this.#one(['skip', 'include']);
    return `@${word}(if: ${this.#given(`${this.#isSo(2)}`, this.#isSo(2), 'Boolean!')})`;
  }

  /** A literal, or a variable of the same value. */
  #given(text: string, isVariable: boolean, type: string, value: unknown = text === 'true'): string {
    if (!isVariable) return text;
    const name = this.#newName();
    this.#definitions.push(`$${name}: ${type}`);
    this.#variables[name] = value;
    return `$${name}`;
  }

  #selection(type: GraphQLObjectType, depth: number): string {
    const fields = Object.values(type.getFields()).filter(
      ({ type: of }) => depth < deepest || !isObjectType(getNamedType(of)),
    );
    const names = Array.from({ length: 1 + this.#below(5) }, () =>
      this.#one([...fields.map(({ name }) => name), '__typename']),
    );
    const node = type.getInterfaces().length > 0 && this.#isSo(5) ? [`... on Node { ${this.#newName()}: id }`] : [];
    return this.#wrapped(type, [...names.map((name) => this.#field(type, name, depth)), ...node], depth);
  }

  /** Twice the same key is merged, as long as it has no arguments that could differ. */
  #field(type: GraphQLObjectType, name: string, depth: number): string {
    const field = type.getFields()[name];
    const needsName = (field?.args.length ?? 0) > 0 || this.#isSo(4);
    const alias = needsName ? `${this.#newName()}: ` : '';
    if (!field) return `${alias}${name}`;
    const named = getNamedType(field.type);
    const inner = isObjectType(named) ? ` { ${this.#selection(named, depth + 1)} }` : '';
    return `${alias}${name}${this.#arguments(field)} ${this.#directive()}${inner}`;
  }

  #arguments({ args }: GraphQLField<unknown, unknown>): string {
    const given = args
      .filter(({ type }) => isNonNullType(type) || this.#isSo(4))
      .map((argument) => this.#argument(argument));
    return given.length > 0 ? `(${given.join(', ')})` : '';
  }

  #argument({ name, type }: GraphQLArgument): string {
    const value = this.#value(name, type, 0);
    return `${name}: ${this.#given(literalOf(value, type), this.#isSo(2), String(type), value)}`;
  }

  #value(name: string, type: GraphQLInputType, depth: number): unknown {
    if (!isNonNullType(type) && this.#isSo(10)) return null;
    const nullable = isNonNullType(type) ? type.ofType : type;
    if (isListType(nullable)) {
      return Array.from({ length: this.#below(3) }, () => this.#value(name, nullable.ofType, depth + 1));
    }
    if (isEnumType(nullable)) return this.#one(nullable.getValues()).name;
    if (!isInputObjectType(nullable)) {
      const known = this.#options.values[name] ?? this.#options.values[nullable.toString()];
      if (known) return this.#one(known);
      throw new Error(`no values for ${name}: ${nullable}`);
    }
    const fields = Object.values(nullable.getFields()).filter(
      (field) =>
        isNonNullType(field.type) || (depth < 3 && this.#below(Object.keys(nullable.getFields()).length) === 0),
    );
    return Object.fromEntries(fields.map((field) => [field.name, this.#value(field.name, field.type, depth + 1)]));
  }
}

/** A value as a document writes it. */
function literalOf(value: unknown, type: GraphQLInputType): string {
  if (isNonNullType(type)) return literalOf(value, type.ofType);
  if (Array.isArray(value)) {
    return `[${value.map((item) => literalOf(item, isListType(type) ? type.ofType : type)).join(', ')}]`;
  }
  if (isEnumType(type) && value !== null) return String(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = isInputObjectType(type) ? type.getFields() : {};
  return `{${Object.entries(value)
    .map(([key, item]) => `${key}: ${literalOf(item, fields[key]?.type ?? type)}`)
    .join(', ')}}`;
}
