/**
 * The regular expressions of the wire's `regex`. They are read here, not handed on: the dialect is what PostgreSQL and
 * memory answer alike, and has no part (back-references, look-around, quantifiers within quantifiers) that could cost
 * more than the text is long.
 */
export interface Pattern {
  readonly root: PatternNode;
}

type PatternNode =
  | { readonly kind: 'start' | 'end' | 'any' }
  | { readonly kind: 'set'; readonly negated: boolean; readonly ranges: readonly Range[] }
  | { readonly kind: 'sequence' | 'choice'; readonly nodes: readonly PatternNode[] }
  | { readonly kind: 'repeat'; readonly node: PatternNode; readonly min: number; readonly max: number };

/** The first and the last character, which are one and the same for a single one. */
type Range = readonly [string, string];

/** Characters of one pattern. */
const maxLength = 256;
/** The most that `{m,n}` may ask for. */
const maxRepeat = 100;
/** Characters that a pattern comes to once its counted repeats are written out. */
const maxSize = 1_000;
const maxGroupDepth = 20;

const digits: readonly Range[] = [['0', '9']];
const wordCharacters: readonly Range[] = [['a', 'z'], ['A', 'Z'], ...digits, ['_', '_']];
const blanks: readonly Range[] = [
  [' ', ' '],
  ['\t', '\r'],
];
const shorthands: Readonly<Record<string, readonly Range[]>> = { d: digits, w: wordCharacters, s: blanks };
const controls: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f', v: '\v' };

/**
 * Reads patterns of which any may match: characters, `.`, `[...]` with ranges within a-z, A-Z and 0-9, `\d` `\w` `\s`
 * and their capitals (ASCII), `^`, `$`, `|`, groups, and `*` `+` `?` `{m}` `{m,}` `{m,n}`, lazy or not.
 *
 * @returns the pattern, or what is wrong with it
 */
export function readPatterns(sources: readonly string[]): Pattern | { readonly problem: string } {
  try {
    const root: PatternNode = { kind: 'choice', nodes: sources.map((source) => readSource(source)) };
    const size = sizeOf(root);
    if (size > maxSize) refuse(`expected a pattern that comes to at most ${maxSize} characters; got ${size}`);
    return { root };
  } catch (error) {
    if (error instanceof PatternError) return { problem: error.message };
    throw error;
  }
}

class PatternError extends Error {}

function refuse(problem: string): never {
  throw new PatternError(problem);
}

/** One walk through a pattern's characters. */
interface Reader {
  readonly characters: readonly string[];
  at: number;
  depth: number;
}

function readSource(source: string): PatternNode {
  const characters = [...source];
  if (characters.length > maxLength) {
    refuse(`expected a pattern of at most ${maxLength} characters; got ${characters.length}`);
  }
  const reader: Reader = { characters, at: 0, depth: 0 };
  const node = readChoice(reader);
  if (reader.at < characters.length) refuse(`expected a pattern whose ) all close a group; got one at ${reader.at}`);
  return node;
}

const next = (reader: Reader) => reader.characters[reader.at];

function take(reader: Reader): string {
  const character = next(reader);
  if (character === undefined) return refuse('expected more of the pattern at its end');
  reader.at += 1;
  return character;
}

function skip(reader: Reader, text: string): boolean {
  if (reader.characters.slice(reader.at, reader.at + text.length).join('') !== text) return false;
  reader.at += text.length;
  return true;
}

function readChoice(reader: Reader): PatternNode {
  const nodes = [readSequence(reader)];
  while (skip(reader, '|')) nodes.push(readSequence(reader));
  return nodes.length === 1 && nodes[0] ? nodes[0] : { kind: 'choice', nodes };
}

function readSequence(reader: Reader): PatternNode {
  const nodes: PatternNode[] = [];
  for (let character = next(reader); character !== undefined && !'|)'.includes(character); character = next(reader)) {
    nodes.push(readRepeat(reader, readAtom(reader)));
  }
  return { kind: 'sequence', nodes };
}

function readAtom(reader: Reader): PatternNode {
  const at = reader.at;
  const character = take(reader);
  switch (character) {
    case '^':
      return { kind: 'start' };
    case '$':
      return { kind: 'end' };
    case '.':
      return { kind: 'any' };
    case '[':
      return readSet(reader);
    case '(':
      return readGroup(reader);
    case '\\':
      return readEscape(reader);
    case '*':
    case '+':
    case '?':
      return refuse(`expected something to repeat before ${character} at ${at}`);
    default:
      return single(character);
  }
}

function readGroup(reader: Reader): PatternNode {
  skip(reader, '?:');
  if (next(reader) === '?') refuse('expected a group without look-around, names or flags');
  reader.depth += 1;
  if (reader.depth > maxGroupDepth) refuse(`expected groups at most ${maxGroupDepth} deep`);
  const node = readChoice(reader);
  reader.depth -= 1;
  if (!skip(reader, ')')) refuse('expected a pattern whose groups all close; got one that does not');
  return node;
}

function readEscape(reader: Reader): PatternNode {
  const character = take(reader);
  const ranges = shorthands[character.toLowerCase()];
  if (ranges) return { kind: 'set', negated: character !== character.toLowerCase(), ranges };
  return single(escaped(character));
}

/** What a backslash makes of a character that stands for itself. */
function escaped(character: string): string {
  const control = controls[character];
  if (control !== undefined) return control;
  if (/[\p{L}\p{N}]/u.test(character))
    refuse(`expected \\d \\w \\s \\t \\n \\r \\f \\v or an escaped sign; got \\${character}`);
  return character;
}

const single = (character: string): PatternNode => ({ kind: 'set', negated: false, ranges: [[character, character]] });

function readSet(reader: Reader): PatternNode {
  const negated = skip(reader, '^');
  const ranges: Range[] = [];
  while (!skip(reader, ']')) ranges.push(...readSetItem(reader));
  if (ranges.length === 0) refuse('expected characters between [ and ]; got none');
  return { kind: 'set', negated, ranges };
}

function readSetItem(reader: Reader): readonly Range[] {
  const first = take(reader);
  if (first === '[') refuse('expected \\[ for a [ within [...]');
  const shorthand = first === '\\' ? shorthands[next(reader) ?? ''] : undefined;
  if (shorthand) {
    take(reader);
    return shorthand;
  }
  const from = first === '\\' ? escaped(take(reader)) : first;
  if (next(reader) !== '-' || reader.characters[reader.at + 1] === ']') return [[from, from]];
  take(reader);
  const last = take(reader);
  const to = last === '\\' ? escaped(take(reader)) : last;
  const isOfOneKind = [/[a-z]/, /[A-Z]/, /[0-9]/].some((kind) => kind.test(from) && kind.test(to));
  if (!isOfOneKind || from > to) refuse(`expected a range within a-z, A-Z or 0-9; got ${from}-${to}`);
  return [[from, to]];
}

function readRepeat(reader: Reader, node: PatternNode): PatternNode {
  const range = readQuantifier(reader);
  if (!range) return node;
  skip(reader, '?');
  if (readQuantifier(reader)) refuse('expected one quantifier; got one after another');
  if (has(node, (part) => part.kind === 'start' || part.kind === 'end')) refuse('expected no quantifier on ^ or $');
  const [min, max] = range;
  if (max > 1 && has(node, (part) => part.kind === 'repeat')) {
    refuse('expected no quantifier on a group that has one inside');
  }
  return { kind: 'repeat', node, min, max };
}

function readQuantifier(reader: Reader): readonly [min: number, max: number] | undefined {
  if (skip(reader, '*')) return [0, Number.POSITIVE_INFINITY];
  if (skip(reader, '+')) return [1, Number.POSITIVE_INFINITY];
  if (skip(reader, '?')) return [0, 1];
  if (next(reader) !== '{') return undefined;
  const rest = reader.characters.slice(reader.at).join('');
  const [whole, min, comma, most] = /^\{(\d{1,4})(,(\d{1,4})?)?\}/.exec(rest) ?? [];
  if (whole === undefined) return refuse('expected {m}, {m,} or {m,n}, or \\{ for the sign');
  reader.at += whole.length;
  const max = comma === undefined ? Number(min) : most === undefined ? Number.POSITIVE_INFINITY : Number(most);
  const greatest = max === Number.POSITIVE_INFINITY ? Number(min) : max;
  if (greatest > maxRepeat || Number(min) > max) refuse(`expected {m,n} with m <= n <= ${maxRepeat}; got ${whole}`);
  return [Number(min), max];
}

function has(node: PatternNode, test: (node: PatternNode) => boolean): boolean {
  if (test(node)) return true;
  if (node.kind === 'repeat') return has(node.node, test);
  return (node.kind === 'sequence' || node.kind === 'choice') && node.nodes.some((inner) => has(inner, test));
}

function sizeOf(node: PatternNode): number {
  switch (node.kind) {
    case 'sequence':
    case 'choice':
      return node.nodes.reduce((sum, inner) => sum + sizeOf(inner), 0);
    case 'repeat':
      return sizeOf(node.node) * Math.max(1, node.max === Number.POSITIVE_INFINITY ? node.min + 1 : node.max);
    default:
      return 1;
  }
}

/** The pattern as PostgreSQL's `~` reads it, in a form that means the same once letters are put in lower case. */
export function patternSql({ root }: Pattern): string {
  return sourceOf(root);
}

function sourceOf(node: PatternNode): string {
  switch (node.kind) {
    case 'start':
      return '^';
    case 'end':
      return '$';
    case 'any':
      return '.';
    case 'sequence':
      return node.nodes.map(sourceOf).join('');
    case 'choice':
      return `(?:${node.nodes.map(sourceOf).join('|')})`;
    case 'repeat': {
      const most = node.max === Number.POSITIVE_INFINITY ? '' : node.max;
      return `(?:${sourceOf(node.node)}){${node.min},${most}}`;
    }
    case 'set': {
      const ranges = node.ranges.map(([from, to]) => (from === to ? sign(from) : `${sign(from)}-${sign(to)}`));
      return `[${node.negated ? '^' : ''}${ranges.join('')}]`;
    }
  }
}

const sign = (character: string) => (/[!-/:-@[-`{-~]/.test(character) ? `\\${character}` : character);

/**
 * Whether a text has a part that matches, in time that grows with the text's length alone.
 *
 * @param fold how the text's letters were folded, if they were
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
