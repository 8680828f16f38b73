import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isCompositeType,
  isListType,
  isUnionType,
  Kind,
  type OperationDefinitionNode,
  SchemaMetaFieldDef,
  type SelectionNode,
  type SelectionSetNode,
  TypeMetaFieldDef,
  type ValueNode,
  valueFromASTUntyped,
} from 'graphql';

// Libraries that work out costs (graphql-armor, @pothos/plugin-complexity) walk a fragment again wherever it is spread,
// so that a short document of fragments within fragments takes them exponential time. Here each fragment is measured
// once, and time grows with the document's text alone.

/** How long lists count as. */
export interface ListLengths {
  /** Of a page for which neither `first` nor `last` says how many rows. */
  readonly pageSize: number;
  /** The most rows that a page may have; whoever asks for more gets none. */
  readonly maxPageSize: number;
  /** Of a list that is no page. */
  readonly plain: number;
}

type Values = Readonly<Record<string, unknown>>;

/** What an operation costs: a number, or, where that depends on its variables, a function of them. */
export type Cost = number | ((variables: Values) => number);

/**
 * What selections cost, as far as that is known without the field around them: `once`, and `perRow` for each row that
 * this field has. So a fragment is measured once, wherever it is spread.
 */
interface SelectionCost {
  readonly once: number;
  readonly perRow: number;
}

/** A cost, of which some may depend on the variables. */
interface Formula {
  readonly fixed: SelectionCost;
  readonly varying: readonly ((request: CostRequest) => SelectionCost)[];
}

/** One request's variables, and the formulas that have been worked out for them. */
interface CostRequest {
  valueOf(variable: string): unknown;
  costOf(formula: Formula): SelectionCost;
}

/** A length that is known, or that depends on the variables. */
type Length = number | ((request: CostRequest) => number);

/** Past it nothing is counted: sums stay exact numbers, however large a document is. */
const most = Number.MAX_SAFE_INTEGER;
const nothing: SelectionCost = { once: 0, perRow: 0 };
const one: Formula = { fixed: { once: 1, perRow: 0 }, varying: [] };
const sum = (a: SelectionCost, b: SelectionCost): SelectionCost => ({
  once: Math.min(most, a.once + b.once),
  perRow: Math.min(most, a.perRow + b.perRow),
});
const inRows = ({ once, perRow }: SelectionCost, rows: number) => Math.min(most, once + rows * perRow);

/** What a cost is worked out from. */
export interface CostOptions {
  schema: GraphQLSchema;
  /** Must have passed validation. */
  document: DocumentNode;
  operation: OperationDefinitionNode;
  lengths: ListLengths;
  /** Called for each selection that is looked at, and for each cost that is worked out for a request's variables. */
  onVisit?: () => void;
}

/**
 * The cost of an operation (docs/limits.md). All that doesn't depend on variables is worked out at once. Both steps take
 * time that grows with the document's text, however often fragments are spread.
 */
export function costFormula(options: CostOptions): Cost {
  const { schema, operation, lengths, onVisit = () => {} } = options;
  const formula = compile(options);
  if (formula.varying.length === 0) return inRows(formula.fixed, lengths.plain);
  const defaults = defaultsOf(operation);
  return (variables) => {
    const costs = new Map<Formula, SelectionCost>();
    const request: CostRequest = {
      valueOf: (name) => (Object.hasOwn(variables, name) ? variables[name] : defaults[name]),
      costOf: (asked) => {
        const cost = costs.get(asked) ?? evaluate(asked, request);
        costs.set(asked, cost);
        return cost;
      },
    };
    return inRows(request.costOf(formula), lengths.plain);
  };

  function evaluate({ fixed, varying }: Formula, request: CostRequest): SelectionCost {
    return varying.reduce((cost, part) => {
      onVisit();
      return sum(cost, part(request));
    }, fixed);
  }

  function compile({ document }: CostOptions): Formula {
    const fragments = fragmentsOf(document);
    const formulas = new Map<string, Formula>();

    function ofFragment(name: string): Formula {
      const known = formulas.get(name);
      if (known) return known;
      const fragment = fragments.get(name);
      const made = fragment ? ofSelections(fragment.selectionSet, typeNamed(fragment.typeCondition.name.value)) : one;
      formulas.set(name, made);
      return made;
    }

    function ofSelection(selection: SelectionNode, type: GraphQLCompositeType): Formula {
      onVisit();
      switch (selection.kind) {
        case Kind.FRAGMENT_SPREAD:
          return ofFragment(selection.name.value);
        case Kind.INLINE_FRAGMENT: {
          const { typeCondition, selectionSet } = selection;
          return ofSelections(selectionSet, typeCondition ? typeNamed(typeCondition.name.value) : type);
        }
        case Kind.FIELD:
          return ofField(selection, type);
      }
    }

    function ofField(node: FieldNode, parent: GraphQLCompositeType): Formula {
      const field = fieldOf(parent, node.name.value);
      const type = field && getNamedType(field.type);
      if (!node.selectionSet || !field || !isCompositeType(type)) return one;
      const inner = ofSelections(node.selectionSet, type);
      const isList = isListType(getNullableType(field.type));
      const own = lengthOf(field, node, lengths);
      if (!isList) return combine([inner], own ?? lengths.plain, (cost, rows) => plusOne(inRows(cost, rows)));
      const each = (cost: SelectionCost) => inRows(cost, lengths.plain);
      if (own === null) return combine([inner], 0, (cost) => ({ once: 1, perRow: each(cost) }));
      return combine([inner], own, (cost, rows) => plusOne(Math.min(most, rows * each(cost))));
    }

    function ofSelections({ selections }: SelectionSetNode, type: GraphQLCompositeType): Formula {
      return combine(
        selections.map((selection) => ofSelection(selection, type)),
        0,
        (cost) => cost,
      );
    }

    const root = schema.getRootType(operation.operation);
    if (!root) throw new Error(`the schema has no ${operation.operation}`);
    return ofSelections(operation.selectionSet, root);
  }

  function typeNamed(name: string): GraphQLCompositeType {
    const type = schema.getType(name);
    if (!isCompositeType(type)) throw new Error(`expected ${name} to be a type that has fields`);
    return type;
  }
}

const plusOne = (cost: number): SelectionCost => ({ once: Math.min(most, cost + 1), perRow: 0 });

/** What becomes of the sum of formulas in a field of this length: at once, where nothing depends on the variables. */
function combine(
  parts: readonly Formula[],
  length: Length,
  make: (cost: SelectionCost, rows: number) => SelectionCost,
): Formula {
  const varying = parts.filter((part) => part.varying.length > 0);
  const fixed = parts
    .filter((part) => part.varying.length === 0)
    .reduce((cost, part) => sum(cost, part.fixed), nothing);
  if (varying.length === 0 && typeof length === 'number') return { fixed: make(fixed, length), varying: [] };
  const ofRequest = (request: CostRequest) => {
    const cost = varying.reduce((total, part) => sum(total, request.costOf(part)), fixed);
    return make(cost, typeof length === 'number' ? length : length(request));
  };
  return { fixed: nothing, varying: [ofRequest] };
}

/** How many rows a field's arguments ask for; null for one that has no such arguments. */
function lengthOf(field: GraphQLField<unknown, unknown>, node: FieldNode, lengths: ListLengths): Length | null {
  const has = (name: string) => field.args.some((argument) => argument.name === name);
  const given = (name: string) => node.arguments?.find((argument) => argument.name.value === name)?.value;
  if (has('ids')) return within(given('ids'), (value) => (Array.isArray(value) ? value.length : 1));
  if (!has('first') && !has('last')) return null;
  const rowsOf = (value: unknown) =>
    typeof value === 'number' && value >= 0 ? Math.min(value, lengths.maxPageSize) : null;
  const first = within(given('first'), rowsOf);
  const last = within(given('last'), rowsOf);
  const chosen = (one: number | null, other: number | null) => one ?? other ?? lengths.pageSize;
  if (typeof first !== 'function' && typeof last !== 'function') return chosen(first, last);
  const at = (length: typeof first, request: CostRequest) => (typeof length === 'function' ? length(request) : length);
  return (request) => chosen(at(first, request), at(last, request));
}

/** What an argument's value means: at once, unless it is a variable. */
function within<Meaning>(
  node: ValueNode | undefined,
  meaningOf: (value: unknown) => Meaning,
): Meaning | ((request: CostRequest) => Meaning) {
  if (node?.kind !== Kind.VARIABLE) return meaningOf(node && valueFromASTUntyped(node));
  return (request) => meaningOf(request.valueOf(node.name.value));
}

function fieldOf(parent: GraphQLCompositeType, name: string): GraphQLField<unknown, unknown> | undefined {
  if (name === SchemaMetaFieldDef.name) return SchemaMetaFieldDef;
  if (name === TypeMetaFieldDef.name) return TypeMetaFieldDef;
  return isUnionType(parent) ? undefined : parent.getFields()[name];
}

function fragmentsOf({ definitions }: DocumentNode): Map<string, FragmentDefinitionNode> {
  const fragments = definitions.filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION);
  return new Map(fragments.map((fragment) => [fragment.name.value, fragment]));
}

function defaultsOf({ variableDefinitions = [] }: OperationDefinitionNode): Values {
  return Object.fromEntries(
    variableDefinitions.map(({ variable, defaultValue }) => [
      variable.name.value,
      defaultValue && valueFromASTUntyped(defaultValue),
    ]),
  );
}
