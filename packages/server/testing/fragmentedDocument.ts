import fc from 'fast-check';
import {
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isObjectType,
  isRequiredArgument,
} from 'graphql';

/** A selection of a type: fields, and other selections of the same type as fragments. */
interface Selections {
  readonly type: string;
  readonly fields: readonly Field[];
  readonly fragments: readonly { readonly of: Selections; readonly times: number }[];
}

interface Field {
  readonly name: string;
  readonly argument: string;
  readonly inner: Selections | null;
}

/** A query that is valid for any data, and the variables `$n` and `$ids` that it may use. */
export interface FragmentedDocument {
  readonly document: Selections;
  readonly variables: Readonly<Record<string, unknown>>;
}

const pages = ['', '(first: 0)', '(first: 3)', '(last: 40)', '(first: $n)', '(last: $n)'];
const ids = ['(ids: [])', '(ids: ["a", "b"])', '(ids: $ids)'];

/** Queries of a schema's whole width, a few levels deep. */
export function fragmentedDocument(schema: GraphQLSchema): fc.Arbitrary<FragmentedDocument> {
  const root = schema.getQueryType();
  if (!root) throw new Error('the schema has no queries');
  return fc.record({
    document: selectionsOf(root, 5),
    variables: fc.record(
      { n: fc.constantFrom(0, 1, 30, null), ids: fc.array(fc.constantFrom('a', 'b'), { maxLength: 5 }) },
      { requiredKeys: ['ids'] },
    ),
  });
}

function selectionsOf(type: GraphQLCompositeType, levels: number): fc.Arbitrary<Selections> {
  const own = isObjectType(type) ? fieldsOf(type, levels) : [];
  const field =
    own.length === 0
      ? fc.constant<Field>({ name: '__typename', argument: '', inner: null })
      : fc.constantFrom(...own).chain((one) => fieldFrom(one, levels));
  const fragment = () => fc.record({ of: selectionsOf(type, levels - 1), times: fc.constantFrom(1, 2) });
  return fc.record({
    type: fc.constant(type.name),
    fields: fc.array(field, { minLength: 1, maxLength: 3 }),
    fragments: levels <= 1 ? fc.constant([]) : fc.array(fragment(), { maxLength: 1 }),
  });
}

/** Those that nothing but `ids` must be given to. */
function fieldsOf(type: GraphQLObjectType, levels: number): GraphQLField<unknown, unknown>[] {
  return Object.values(type.getFields()).filter(
    (field) =>
      field.args.every((argument) => argument.name === 'ids' || !isRequiredArgument(argument)) &&
      (levels > 1 || !isCompositeType(getNamedType(field.type))),
  );
}

function fieldFrom(field: GraphQLField<unknown, unknown>, levels: number): fc.Arbitrary<Field> {
  const type = getNamedType(field.type);
  return fc.record({
    name: fc.constant(field.name),
    argument: fc.constantFrom(...argumentsOf(field)),
    inner: isCompositeType(type) ? selectionsOf(type, levels - 1) : fc.constant(null),
  });
}

function argumentsOf(field: GraphQLField<unknown, unknown>): readonly string[] {
  const has = (name: string) => field.args.some((argument) => argument.name === name);
  if (has('ids')) return ids;
  return pages.filter((page) => page === '' || has(page.slice(1, page.indexOf(':'))));
}

/** The document's text: with named fragments, or with all of them written where they would be spread. */
export function write(document: Selections, { inline }: { inline: boolean }): string {
  const names = new Map<string, string>();

  function nameOf(fragment: string): string {
    const name = names.get(fragment) ?? `F${names.size}`;
    names.set(fragment, name);
    return name;
  }

  /** An alias tells the field and its arguments, so that nothing conflicts. */
  function body({ fields, fragments }: Selections): string {
    const own = fields.map(({ name, argument, inner }) => {
      const alias = `${name}_${argument.replaceAll(/\W+/g, '_')}`;
      return `${alias}: ${name}${argument}${inner ? ` { ${body(inner)} }` : ''}`;
    });
    const spread = fragments.flatMap(({ of, times }) => {
      const text = body(of);
      return Array.from({ length: times }, () => (inline ? text : `...${nameOf(`on ${of.type} { ${text} }`)}`));
    });
    return [...own, ...spread].join(' ');
  }

  const text = `${body(document)} nodes(ids: $ids) { id } plugins(first: $n) { totalCount }`;
  const fragments = () => [...names].map(([fragment, name]) => `fragment ${name} ${fragment}`);
  return [`query ($n: Int, $ids: [ID!]!) { ${text} }`, ...fragments()].join('\n');
}
