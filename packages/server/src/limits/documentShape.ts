import {
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';

/** How large a document is, by its text alone; fragments are counted where they are spread. */
export interface DocumentShape {
  readonly operations: number;
  /** Selections within selections, fragments among them. Validation and execution go through them recursively. */
  readonly levels: number;
  /** Fields within fields, in the deepest operation. */
  readonly depth: number;
  /** Fields that have an alias, in the operation with the most. */
  readonly aliases: number;
  /** Fields of the operation itself, in the one with the most. */
  readonly rootFields: number;
}

/** The largest count: fragments that spread each other soon exceed any number. */
const most = Number.MAX_SAFE_INTEGER;
const empty: DocumentShape = { operations: 0, levels: 0, depth: 0, aliases: 0, rootFields: 0 };

/**
 * Measures a document that need not be valid, in time that grows with its text: each fragment is looked at once,
 * however often it is spread. One within itself, which validation refuses, counts once.
 *
 * @param maxLevels the deepest level that is measured; where the document is deeper, `levels` exceeds it
 * @param onVisit called for each selection that is measured
 */
export function shapeOf(document: DocumentNode, maxLevels: number, onVisit: () => void = () => {}): DocumentShape {
  const fragments = new Map<string, FragmentDefinitionNode>();
  const shapes = new Map<string, DocumentShape>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }

  function ofFragment(name: string, level: number): DocumentShape {
    const known = shapes.get(name);
    const fragment = fragments.get(name);
    if (known || !fragment) return known ?? empty;
    shapes.set(name, empty);
    const shape = ofSelections(fragment.selectionSet, level);
    shapes.set(name, shape);
    return shape;
  }

  function ofSelection(selection: SelectionNode, level: number): DocumentShape {
    onVisit();
    if (selection.kind === Kind.FRAGMENT_SPREAD) return ofFragment(selection.name.value, level);
    const inner = selection.selectionSet ? ofSelections(selection.selectionSet, level) : empty;
    if (selection.kind === Kind.INLINE_FRAGMENT) return inner;
    const aliases = Math.min(most, inner.aliases + (selection.alias ? 1 : 0));
    return { ...inner, depth: inner.depth + 1, aliases, rootFields: 1 };
  }

  function ofSelections({ selections }: SelectionSetNode, level: number): DocumentShape {
    if (level >= maxLevels) return { ...empty, levels: 1 };
    const whole = selections.map((selection) => ofSelection(selection, level + 1)).reduce(both, empty);
    return { ...whole, levels: whole.levels + 1 };
  }

  const operations = document.definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION);
  const whole = operations.map(({ selectionSet }) => ofSelections(selectionSet, 0)).reduce(largest, empty);
  // Validation goes through those that are spread nowhere, too.
  const alone = [...fragments.keys()].map((name) => ofFragment(name, 0).levels);
  const levels = alone.reduce((most, own) => Math.max(most, own), whole.levels);
  return { ...whole, operations: operations.length, levels };
}

function both(a: DocumentShape, b: DocumentShape): DocumentShape {
  return {
    ...empty,
    levels: Math.max(a.levels, b.levels),
    depth: Math.max(a.depth, b.depth),
    aliases: Math.min(most, a.aliases + b.aliases),
    rootFields: Math.min(most, a.rootFields + b.rootFields),
  };
}

function largest(a: DocumentShape, b: DocumentShape): DocumentShape {
  return {
    ...empty,
    levels: Math.max(a.levels, b.levels),
    depth: Math.max(a.depth, b.depth),
    aliases: Math.max(a.aliases, b.aliases),
    rootFields: Math.max(a.rootFields, b.rootFields),
  };
}
