import type { Condition, Leaf } from './condition.ts';
import { leafTest } from './leafTest.ts';
import { nestedItemsOf, operandsOf } from './operands.ts';

/** The number of items of a row's list that one item is compared with: few lists have more. */
const comparisonsPerNestedItem = 100;

/** A supervisor and its plugins: the rows that a relation of one of them leads to. */
export interface RelatedRows {
  /** Null once the supervisor is deleted. */
  readonly supervisor: object | null;
  /** The plugins that the viewer may see. */
  readonly plugins: readonly object[];
}

type RowTest = (row: object, related: RelatedRows | undefined) => boolean;

/** A condition in the form in which rows are tested in memory; compile.ts has the same meaning in SQL. */
export interface Predicate {
  /** The most comparisons that one row takes; those of related rows apart. */
  readonly comparisons: number;
  /**
   * Whether a row meets the condition.
   *
   * @param row an object with the entity's fields
   * @param related needed only by conditions on related rows, each of which is tested once for the same `related`
   */
  meets(row: object, related?: RelatedRows): boolean;
  /** The conditions on related rows, inner ones first. */
  readonly relations: readonly Relation[];
}

/** A condition on related rows. Its answer depends on these alone, whichever row asks. */
interface Relation {
  /**
   * Finds the answer for `related`, and remembers it for the tests of rows that follow. Yields the comparisons made
   * since the last time, after each related row, so that the caller may pause there.
   */
  answer(related: RelatedRows): Generator<number, boolean>;
}

/** Makes the predicate of a condition. */
export function createPredicate(condition: Condition): Predicate {
  const parts: PredicateParts = { comparisons: 0, relations: [] };
  const test = compile(condition, parts);
  return { ...parts, meets: (row, related) => test(row, related) };
}

interface PredicateParts {
  comparisons: number;
  readonly relations: Relation[];
}

function compile(condition: Condition, parts: PredicateParts): RowTest {
  if ('all' in condition) {
    const tests = condition.all.map((part) => compile(part, parts));
    if (tests.length === 1 && tests[0]) return tests[0];
    return (row, related) => tests.every((test) => test(row, related));
  }
  if ('any' in condition) {
    const tests = condition.any.map((part) => compile(part, parts));
    return (row, related) => tests.some((test) => test(row, related));
  }
  if ('not' in condition) {
    const test = compile(condition.not, parts);
    return (row, related) => !test(row, related);
  }
  parts.comparisons += comparisonsOf(condition);
  if (!('related' in condition)) return leafTest(condition);
  const relation = compileRelation(condition, parts.relations);
  parts.relations.push(relation);
  return (_row, related) => {
    if (related === undefined) throw new Error('a condition on related rows needs these');
    return relation.known(related) ?? drain(relation.answer(related));
  };
}

/** One, but for JSON within JSON, whose parts are looked for one by one. */
function comparisonsOf(condition: Leaf | Extract<Condition, { related: string }>): number {
  if ('related' in condition || condition.operator !== 'includes') return 1;
  return (
    operandsOf(condition.value, Number.POSITIVE_INFINITY) + comparisonsPerNestedItem * nestedItemsOf(condition.value)
  );
}

function compileRelation(
  condition: Extract<Condition, { related: string }>,
  relations: Relation[],
): Relation & { known(related: RelatedRows): boolean | undefined } {
  const inner: PredicateParts = { comparisons: 0, relations };
  const test = compile(condition.where, inner);
  const answers = new WeakMap<RelatedRows, boolean>();
  const { rowsOf, decisive, byDecisive } = condition.related === 'supervisor' ? ofSupervisor : ofPlugins(condition);

  function* answer(related: RelatedRows): Generator<number, boolean> {
    let decided = false;
    for (const row of rowsOf(related)) {
      decided = test(row, related) === decisive;
      yield inner.comparisons;
      if (decided) break;
    }
    const found = decided === byDecisive;
    answers.set(related, found);
    return found;
  }

  return { answer, known: (related) => answers.get(related) };
}

/** How the answers for related rows make one: by the first whose answer is `decisive`. */
interface Quantified {
  rowsOf(related: RelatedRows): readonly object[];
  readonly decisive: boolean;
  /** Whether the condition is met if there is such a row. */
  readonly byDecisive: boolean;
}

const ofSupervisor: Quantified = {
  rowsOf: ({ supervisor }) => (supervisor === null ? [] : [supervisor]),
  decisive: true,
  byDecisive: true,
};

function ofPlugins({ quantifier }: { readonly quantifier: 'some' | 'none' | 'every' }): Quantified {
  return {
    rowsOf: ({ plugins }) => plugins,
    decisive: quantifier !== 'every',
    byDecisive: quantifier === 'some',
  };
}

function drain(steps: Generator<number, boolean>): boolean {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}
