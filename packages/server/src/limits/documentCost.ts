import { fragmentsByName } from '@muster/schema';
import {
  BREAK,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isCompositeType,
  isInputObjectType,
  isIntrospectionType,
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
  visit,
} from 'graphql';
import { conditionsIn, groupsOf, searchArguments } from './searchCost.ts';

// Libraries that work out costs (graphql-armor, @pothos/plugin-complexity) walk a fragment again wherever it is spread,
// so that a short document of fragments within fragments takes them exponential time. Here each fragment is measured
// once, and time grows with the document's text alone.

/** The mutation by which agents report, thousands at once. */
export const reportingMutation = 'publishSupervisor';

/** The numbers that lists, searches and changes count as. */
interface ListLengths {
  /** Of a page without `first` and `last`. */
  readonly pageSize: number;
  /** The most rows that a page may have; a request for more is refused later. */
  readonly maxPageSize: number;
  /** Of a list that is no page. */
  readonly plain: number;
  /** Of a list of the schema's own parts, in introspection. */
  readonly introspected: number;
  /** The cost of one condition that the database holds against each row of a table. */
  readonly tableScan: number;
  /** The cost of a mutation's field, beside those below it. */
  readonly change: number;
  /** The same of a bulk mutation, which may change a thousand rows. */
  readonly bulkChange: number;
}

/** The flag of a page about the rows on the other side of its cursor, by the argument that has the cursor. */
const flagsBehind = { after: 'hasPreviousPage', before: 'hasNextPage' } as const;

type Values = Readonly<Record<string, unknown>>;

/** An operation's cost: a number, or, where the cost depends on variables, a function of them. */
export type Cost = number | ((variables: Values) => number);

/**
 * The cost of selections, as far as it is known without the field around them: `once`, and `perRow` for each row of that
 * field. So a fragment is measured once, wherever it is spread.
 */
interface SelectionCost {
  readonly once: number;
  readonly perRow: number;
}

/** A cost, parts of which may depend on variables. */
interface Formula {
  readonly fixed: SelectionCost;
  readonly varying: readonly ((request: CostRequest) => SelectionCost)[];
}

/** One request's variables, and the costs that have been worked out with them. */
interface CostRequest {
  /** With the defaults of those that were not given. */
  readonly variables: Values;
  costOf(formula: Formula): SelectionCost;
}

/** A number that is known, or that depends on the variables: the length of a list, or conditions. */
type Count = number | ((request: CostRequest) => number);

/** The largest cost: sums stay exact numbers, however large a document is. */
const most = Number.MAX_SAFE_INTEGER;
const nothing: SelectionCost = { once: 0, perRow: 0 };
const one: Formula = { fixed: { once: 1, perRow: 0 }, varying: [] };
const sum = (a: SelectionCost, b: SelectionCost): SelectionCost => ({
  once: Math.min(most, a.once + b.once),
  perRow: Math.min(most, a.perRow + b.perRow),
});
const inRows = ({ once, perRow }: SelectionCost, rows: number) => Math.min(most, once + rows * perRow);

/** The parameters of a cost. */
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
  const { operation, lengths, onVisit = () => {} } = options;
  const formula = new FormulaCompiler(options).compile();
  if (formula.varying.length === 0) return inRows(formula.fixed, lengths.plain);
  const defaults = defaultsOf(operation);
  return (variables) => {
    const costs = new Map<Formula, SelectionCost>();
    const request: CostRequest = {
      variables: Object.assign(Object.create(null), defaults, variables),
      costOf: (asked) => {
        const cost = costs.get(asked) ?? evaluate(asked, request, onVisit);
        costs.set(asked, cost);
        return cost;
      },
    };
    return inRows(request.costOf(formula), lengths.plain);
  };
}

function evaluate({ fixed, varying }: Formula, request: CostRequest, onVisit: () => void): SelectionCost {
  return varying.reduce((cost, part) => {
    onVisit();
    return sum(cost, part(request));
  }, fixed);
}

/** Makes the formula of one operation. */
class FormulaCompiler {
  readonly #schema: GraphQLSchema;
  readonly #operation: OperationDefinitionNode;
  readonly #lengths: ListLengths;
  readonly #onVisit: () => void;
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly #formulas = new Map<string, Formula>();
  readonly #counts = new Map<string, number>();
  /** By a fragment's name and a path of fields. */
  readonly #leading = new Map<string, boolean>();

  constructor({ schema, document, operation, lengths, onVisit = () => {} }: CostOptions) {
    this.#schema = schema;
    this.#operation = operation;
    this.#lengths = lengths;
    this.#onVisit = onVisit;
    this.#fragments = fragmentsByName(document);
  }

  compile(): Formula {
    const root = this.#schema.getRootType(this.#operation.operation);
    if (!root) throw new Error(`the schema has no ${this.#operation.operation}`);
    return this.#ofSelections(this.#operation.selectionSet, root);
  }

  #ofSelections({ selections }: SelectionSetNode, type: GraphQLCompositeType): Formula {
    const formulas = selections.map((selection) => this.#ofSelection(selection, type));
    return combine(formulas, 0, (cost) => cost);
  }

  #ofSelection(selection: SelectionNode, type: GraphQLCompositeType): Formula {
    this.#onVisit();
    switch (selection.kind) {
      case Kind.FRAGMENT_SPREAD:
        return this.#ofFragment(selection.name.value);
      case Kind.INLINE_FRAGMENT: {
        const { typeCondition, selectionSet } = selection;
        return this.#ofSelections(selectionSet, typeCondition ? this.#typeNamed(typeCondition.name.value) : type);
      }
      case Kind.FIELD:
        return this.#ofField(selection, type);
    }
  }

  #ofFragment(name: string): Formula {
    const earlier = this.#formulas.get(name);
    if (earlier) return earlier;
    const fragment = this.#fragments.get(name);
    if (!fragment) return one;
    const formula = this.#ofSelections(fragment.selectionSet, this.#typeNamed(fragment.typeCondition.name.value));
    this.#formulas.set(name, formula);
    return formula;
  }

  #ofField(node: FieldNode, parent: GraphQLCompositeType): Formula {
    const field = fieldOf(parent, node.name.value);
    const type = field && getNamedType(field.type);
    if (!node.selectionSet || !field || !isCompositeType(type)) return one;
    const inner = this.#ofSelections(node.selectionSet, type);
    const plain = isIntrospectionType(type) ? this.#lengths.introspected : this.#lengths.plain;
    const length = lengthOf(field, node, this.#lengths);
    const search = plus(this.#searchOf(field, node, parent), this.#changeOf(field, parent));
    if (!isListType(getNullableType(field.type))) {
      return withSearch(
        search,
        combine([inner], length ?? plain, (cost, rows) => plusOne(inRows(cost, rows))),
      );
    }
    const each = (cost: SelectionCost) => inRows(cost, plain);
    if (length === null) {
      return withSearch(
        search,
        combine([inner], 0, (cost) => ({ once: 1, perRow: each(cost) })),
      );
    }
    return withSearch(
      search,
      combine([inner], length, (cost, rows) => plusOne(Math.min(most, rows * each(cost)))),
    );
  }

  /** The cost of looking for the rows of a field: at the root, through a table; elsewhere, through few rows. */
  #searchOf(field: GraphQLField<unknown, unknown>, node: FieldNode, parent: GraphQLCompositeType): Count {
    const isOfTable = parent === this.#schema.getQueryType() || parent === this.#schema.getMutationType();
    const costOf = (conditions: number) =>
      Math.min(most, Math.ceil((isOfTable ? this.#lengths.tableScan : 1) * conditions));
    const counts = node.selectionSet ? this.#countsIn(node.selectionSet) : 0;
    const looks = this.#looksBehind(node) ? 2 : 1;
    const conditions = conditionsOf(field, node);
    if (typeof conditions === 'number') return costOf(counts + looks * conditions);
    return (request) => costOf(counts + looks * conditions(request));
  }

  /** Whether a page is asked if there are rows on the other side of its cursor: they are looked for apart. */
  #looksBehind({ arguments: given = [], selectionSet }: FieldNode): boolean {
    const names = given.map(({ name }) => name.value);
    const [flag] = Object.entries(flagsBehind).flatMap(([name, behind]) => (names.includes(name) ? [behind] : []));
    return flag !== undefined && selectionSet !== undefined && this.#selects(selectionSet, ['pageInfo', flag]);
  }

  #selects({ selections }: SelectionSetNode, path: readonly string[]): boolean {
    return selections.some((selection) => this.#leads(selection, path));
  }

  #leads(selection: SelectionNode, path: readonly string[]): boolean {
    this.#onVisit();
    if (selection.kind === Kind.FIELD) {
      const [name, ...rest] = path;
      if (selection.name.value !== name) return false;
      return rest.length === 0 || (selection.selectionSet !== undefined && this.#selects(selection.selectionSet, rest));
    }
    if (selection.kind === Kind.INLINE_FRAGMENT) return this.#selects(selection.selectionSet, path);
    const key = `${selection.name.value} ${path.join('.')}`;
    const selectionSet = this.#fragments.get(selection.name.value)?.selectionSet;
    const leads = this.#leading.get(key) ?? (selectionSet !== undefined && this.#selects(selectionSet, path));
    this.#leading.set(key, leads);
    return leads;
  }

  /** The cost of a change by itself: reports are joined, many in one statement. */
  #changeOf(field: GraphQLField<unknown, unknown>, parent: GraphQLCompositeType): number {
    if (parent !== this.#schema.getMutationType() || field.name === reportingMutation) return 0;
    return isSearching(field, 'input') ? this.#lengths.bulkChange : this.#lengths.change;
  }

  /** How often a page's rows are counted: each time, all rows are looked through. */
  #countsIn({ selections }: SelectionSetNode): number {
    return selections.reduce((sum, selection) => Math.min(most, sum + this.#countsOf(selection)), 0);
  }

  #countsOf(selection: SelectionNode): number {
    this.#onVisit();
    if (selection.kind === Kind.FIELD) return selection.name.value === 'totalCount' ? 1 : 0;
    if (selection.kind === Kind.INLINE_FRAGMENT) return this.#countsIn(selection.selectionSet);
    const name = selection.name.value;
    const selectionSet = this.#fragments.get(name)?.selectionSet;
    const counts = this.#counts.get(name) ?? (selectionSet ? this.#countsIn(selectionSet) : 0);
    this.#counts.set(name, counts);
    return counts;
  }

  #typeNamed(name: string): GraphQLCompositeType {
    const type = this.#schema.getType(name);
    if (!isCompositeType(type)) throw new Error(`expected ${name} to be a type that has fields`);
    return type;
  }
}

function plus(count: Count, more: number): Count {
  return typeof count === 'number' ? count + more : (request) => count(request) + more;
}

const plusOne = (cost: number): SelectionCost => ({ once: Math.min(most, cost + 1), perRow: 0 });

function withSearch(search: Count, rows: Formula): Formula {
  if (search === 0) return rows;
  return combine([rows], search, (cost, searching) => ({ ...cost, once: Math.min(most, cost.once + searching) }));
}

/** Applies a count of rows, or the cost of a search, to the sum of its selections' formulas; at once, where none depends on variables. */
function combine(
  parts: readonly Formula[],
  length: Count,
  make: (cost: SelectionCost, count: number) => SelectionCost,
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

/** How many rows a field's arguments ask for; null for a field without such arguments. */
function lengthOf(field: GraphQLField<unknown, unknown>, node: FieldNode, lengths: ListLengths): Count | null {
  const has = (name: string) => field.args.some((argument) => argument.name === name);
  const given = (name: string) => node.arguments?.find((argument) => argument.name.value === name)?.value;
  if (has('groupBy')) return within(given('groupBy'), groupsOf);
  const named = ['ids', 'representations'].find(has);
  if (named) return within(given(named), (value) => (Array.isArray(value) ? value.length : 1));
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

/** The meaning of an argument's value: known at once, unless the value is a variable. */
function within<Meaning>(
  node: ValueNode | undefined,
  meaningOf: (value: unknown) => Meaning,
): Meaning | ((request: CostRequest) => Meaning) {
  if (node?.kind !== Kind.VARIABLE) return meaningOf(node && valueFromASTUntyped(node));
  return (request) => meaningOf(request.variables[node.name.value]);
}

/** How many conditions a field's arguments come to. */
function conditionsOf(field: GraphQLField<unknown, unknown>, { arguments: given = [] }: FieldNode): Count {
  const searching = given.filter(({ name }) => isSearching(field, name.value));
  if (searching.length === 0) return 0;
  const countWith = (variables: Values) =>
    conditionsIn(
      Object.fromEntries(searching.map(({ name, value }) => [name.value, valueFromASTUntyped(value, variables)])),
    );
  return searching.some(({ value }) => hasVariable(value)) ? ({ variables }) => countWith(variables) : countWith({});
}

/** Whether an argument makes the database look through rows: an input does where there is a filter in it. */
function isSearching({ args }: GraphQLField<unknown, unknown>, name: string): boolean {
  if (name !== 'input') return searchArguments.some((argument) => argument === name);
  const input = getNamedType(args.find((argument) => argument.name === name)?.type);
  return isInputObjectType(input) && Object.hasOwn(input.getFields(), 'filter');
}

function hasVariable(value: ValueNode): boolean {
  let found = false;
  visit(value, {
    Variable: () => {
      found = true;
      return BREAK;
    },
  });
  return found;
}

function fieldOf(parent: GraphQLCompositeType, name: string): GraphQLField<unknown, unknown> | undefined {
  if (name === SchemaMetaFieldDef.name) return SchemaMetaFieldDef;
  if (name === TypeMetaFieldDef.name) return TypeMetaFieldDef;
  return isUnionType(parent) ? undefined : parent.getFields()[name];
}

function defaultsOf({ variableDefinitions = [] }: OperationDefinitionNode): Values {
  return Object.fromEntries(
    variableDefinitions.map(({ variable, defaultValue }) => [
      variable.name.value,
      defaultValue && valueFromASTUntyped(defaultValue),
    ]),
  );
}
