import type { Pattern, PatternNode } from './pattern.ts';

/**
 * Whether some part of a text matches, in time that grows with the length of the text alone.
 *
 * @param fold folds letters as those of the text were folded; the identity where they were not
 */
export function patternMatches({ root }: Pattern, text: string, fold: (text: string) => string): boolean {
  const characters = [...text];
  return (
    endsOf(root, { characters, fold }, new Set(Array.from({ length: characters.length + 1 }, (_, i) => i))).size > 0
  );
}

interface Subject {
  readonly characters: readonly string[];
  readonly fold: (text: string) => string;
}

/** Where matches of `node` that begin at one of `starts` end. */
function endsOf(node: PatternNode, subject: Subject, starts: ReadonlySet<number>): ReadonlySet<number> {
  switch (node.kind) {
    case 'start':
      return filtered(starts, (at) => at === 0);
    case 'end':
      return filtered(starts, (at) => at === subject.characters.length);
    case 'any':
      return stepped(starts, subject, () => true);
    case 'set':
      return stepped(starts, subject, (character) => isInSet(node, character, subject.fold));
    case 'sequence':
      return node.nodes.reduce((reached, inner) => endsOf(inner, subject, reached), starts);
    case 'choice':
      return new Set(node.nodes.flatMap((inner) => [...endsOf(inner, subject, starts)]));
    case 'repeat':
      return repeatedEnds(node, subject, starts);
  }
}

function filtered(starts: ReadonlySet<number>, test: (at: number) => boolean): ReadonlySet<number> {
  return new Set([...starts].filter(test));
}

function stepped(
  starts: ReadonlySet<number>,
  { characters }: Subject,
  test: (character: string) => boolean,
): ReadonlySet<number> {
  const matching = [...starts].filter((at) => {
    const character = characters[at];
    return character !== undefined && test(character);
  });
  return new Set(matching.map((at) => at + 1));
}

function isInSet(set: Extract<PatternNode, { kind: 'set' }>, character: string, fold: Subject['fold']): boolean {
  const isIn = set.ranges.some(([from, to]) =>
    from === to ? character === fold(from) : character >= fold(from) && character <= fold(to),
  );
  return isIn !== set.negated;
}

function repeatedEnds(
  node: Extract<PatternNode, { kind: 'repeat' }>,
  subject: Subject,
  starts: ReadonlySet<number>,
): ReadonlySet<number> {
  let frontier = starts;
  for (let times = 0; times < node.min; times++) frontier = endsOf(node.node, subject, frontier);
  const reached = new Set(frontier);
  for (let times = node.min; times < node.max && frontier.size > 0; times++) {
    const further = endsOf(node.node, subject, frontier);
    frontier = filtered(further, (at) => !reached.has(at));
    for (const at of frontier) reached.add(at);
  }
  return reached;
}
