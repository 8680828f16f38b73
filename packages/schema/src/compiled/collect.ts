import { notCovered } from '@muster/core';
import {
  type DirectiveNode,
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLIncludeDirective,
  type GraphQLObjectType,
  type GraphQLSchema,
  GraphQLSkipDirective,
  getDirectiveValues,
  isAbstractType,
  Kind,
  type NamedTypeNode,
  type SelectionSetNode,
  typeFromAST,
} from 'graphql';
import type { Columns } from './columns.ts';

/** The parts of an operation that its selections depend on. */
export interface SelectionContext {
  readonly schema: GraphQLSchema;
  readonly columns: Columns;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  /** The variables, coerced. */
  readonly variables: Readonly<Record<string, unknown>>;
}

/** A field of an answer, with all places where the document asks for this key. */
export interface SelectedField {
  readonly key: string;
  readonly name: string;
  readonly nodes: readonly FieldNode[];
}

/** Collects the fields that an object of this type is asked for, in the order of the answer. */
export function collectFields(
  context: SelectionContext,
  type: GraphQLObjectType,
  selections: readonly SelectionSetNode[],
): SelectedField[] {
  const found = new Map<string, FieldNode[]>();
  const spread = new Set<string>();
  for (const selection of selections) collectInto(context, type, selection, found, spread);
  return [...found].map(([key, nodes]) => ({ key, nodes, name: nodes[0]?.name.value ?? '' }));
}

function collectInto(
  context: SelectionContext,
  type: GraphQLObjectType,
  { selections }: SelectionSetNode,
  found: Map<string, FieldNode[]>,
  spread: Set<string>,
): void {
  for (const selection of selections) {
    if (!isIncluded(context, selection)) continue;
    if (selection.kind === Kind.FIELD) {
      const key = selection.alias?.value ?? selection.name.value;
      const nodes = found.get(key);
      if (nodes) nodes.push(selection);
      else found.set(key, [selection]);
      continue;
    }
    const fragment =
      selection.kind === Kind.INLINE_FRAGMENT ? selection : fragmentOf(context, selection.name.value, spread);
    if (fragment && appliesTo(context.schema, fragment.typeCondition, type)) {
      collectInto(context, type, fragment.selectionSet, found, spread);
    }
  }
}

/** A named fragment counts once in a selection. */
function fragmentOf(
  { fragments }: SelectionContext,
  name: string,
  spread: Set<string>,
): FragmentDefinitionNode | undefined {
  if (spread.has(name)) return;
  spread.add(name);
  return fragments.get(name);
}

function isIncluded(
  { variables }: SelectionContext,
  node: { readonly directives?: readonly DirectiveNode[] },
): boolean {
  for (const { name } of node.directives ?? []) {
    if (name.value !== 'skip' && name.value !== 'include') notCovered(`@${name.value}`);
  }
  if (!node.directives?.length) return true;
  if (getDirectiveValues(GraphQLSkipDirective, node, variables)?.if === true) return false;
  return getDirectiveValues(GraphQLIncludeDirective, node, variables)?.if !== false;
}

function appliesTo(schema: GraphQLSchema, condition: NamedTypeNode | undefined, type: GraphQLObjectType): boolean {
  if (!condition) return true;
  const named = typeFromAST(schema, condition);
  return named === type || (isAbstractType(named) && schema.isSubType(named, type));
}
