import { fragmentsByName } from '@muster/schema';
import { type DocumentNode, type FieldNode, type FragmentDefinitionNode, Kind, type SelectionSetNode } from 'graphql';
import { maxLevels } from './nesting.ts';

/**
 * An upper bound of the comparisons by which validation finds out whether fields of one name agree (GraphQL's rule
 * "Overlapping fields can be merged", which compares them in pairs): a step for each selection that is looked at, and for
 * each pair, with all that is selected in its two fields (docs/limits.md). The document need not be valid.
 *
 * @param most no more are counted: a larger number means more than this
 * @param onVisit called for each selection that is looked at
 */
export function comparisonsIn(document: DocumentNode, most: number, onVisit: () => void = () => {}): number {
  return new ComparisonCounter(document, most, onVisit).count();
}

/** All selections at one place of an answer, whichever fragments they come by. */
interface Place {
  /** By the name in the answer. */
  readonly fields: Map<string, FieldNode[]>;
  readonly fragments: Set<string>;
}

class ComparisonCounter {
  readonly #document: DocumentNode;
  readonly #most: number;
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly #onVisit: () => void;
  #steps = 0;

  constructor(document: DocumentNode, most: number, onVisit: () => void) {
    this.#document = document;
    this.#most = most;
    this.#onVisit = onVisit;
    this.#fragments = fragmentsByName(document);
  }

  count(): number {
    for (const definition of this.#document.definitions) {
      if ('selectionSet' in definition) this.#countAt([definition.selectionSet], 0);
    }
    return this.#steps;
  }

  get #isOver(): boolean {
    return this.#steps > this.#most;
  }

  /** @param level how many fields lead here; only a fragment within itself, which is refused, leads below all levels */
  #countAt(selectionSets: readonly SelectionSetNode[], level: number): void {
    if (level > maxLevels) return;
    const place: Place = { fields: new Map(), fragments: new Set() };
    for (const selectionSet of selectionSets) this.#collect(selectionSet, place);
    for (const fields of place.fields.values()) {
      if (this.#isOver) return;
      const inner = fields.flatMap(({ selectionSet }) => selectionSet ?? []);
      this.#steps += (fields.length - 1) * inner.reduce((sum, each) => sum + sizeOf(each), fields.length);
      if (inner.length > 0) this.#countAt(inner, level + 1);
    }
  }

  #collect({ selections }: SelectionSetNode, place: Place): void {
    for (const selection of selections) {
      this.#onVisit();
      this.#steps += 1;
      if (this.#isOver) return;
      if (selection.kind === Kind.FIELD) {
        const name = (selection.alias ?? selection.name).value;
        const fields = place.fields.get(name);
        if (fields) fields.push(selection);
        else place.fields.set(name, [selection]);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) this.#collect(selection.selectionSet, place);
      else this.#collectFragment(selection.name.value, place);
    }
  }

  /** A fragment counts once at each place, and is compared with all others there. */
  #collectFragment(name: string, place: Place): void {
    if (place.fragments.has(name)) return;
    const fragment = this.#fragments.get(name);
    this.#steps += place.fragments.size * (1 + (fragment ? spreadsIn(fragment.selectionSet) : 0));
    place.fragments.add(name);
    if (fragment) this.#collect(fragment.selectionSet, place);
  }
}

/** How much there is to compare in a field: its selections, and the pairs of fragments. */
function sizeOf(selectionSet: SelectionSetNode): number {
  return selectionSet.selections.length + spreadsIn(selectionSet) ** 2;
}

function spreadsIn({ selections }: SelectionSetNode): number {
  return selections.reduce((sum, { kind }) => sum + (kind === Kind.FRAGMENT_SPREAD ? 1 : 0), 0);
}
