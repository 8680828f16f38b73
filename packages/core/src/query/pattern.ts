/**
 * A regular expression of the wire's `regex`, parsed. The dialect is what PostgreSQL (patternSql.ts) and memory
 * (patternMatches.ts) answer alike. Back-references, look-around and quantifiers within quantifiers are not part of the
 * dialect: matching takes time that grows with the length of the text alone.
 */
export interface Pattern {
  readonly root: PatternNode;
}

/** A part of a pattern. */
export type PatternNode =
  | { readonly kind: 'start' | 'end' | 'any' }
  | { readonly kind: 'set'; readonly negated: boolean; readonly ranges: readonly Range[] }
  | { readonly kind: 'sequence' | 'choice'; readonly nodes: readonly PatternNode[] }
  | { readonly kind: 'repeat'; readonly node: PatternNode; readonly min: number; readonly max: number };

/** The first and the last character of a range; a single character is both. */
type Range = readonly [string, string];

/** Characters of one pattern. */
const maxLength = 256;
/** Upper limit of the numbers in `{m,n}`. */
const maxRepeat = 100;
/** Characters of a pattern once its counted repeats are written out. */
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
 * Parses patterns of which any may match: characters, `.`, `[...]` with ranges within a-z, A-Z and 0-9, `\d` `\w` `\s`
 * and their capitals (ASCII), `^`, `$`, `|`, groups, and `*` `+` `?` `{m}` `{m,}` `{m,n}`, lazy or not.
 *
 * @returns the pattern, or the problem that a client is shown
 */
export function parsePatterns(sources: readonly string[]): Pattern | { readonly problem: string } {
  try {
    const root: PatternNode = { kind: 'choice', nodes: sources.map((source) => parseSource(source)) };
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

/** A place in a pattern's characters. */
interface Reader {
  readonly characters: readonly string[];
  at: number;
  depth: number;
}

function parseSource(source: string): PatternNode {
  const characters = [...source];
  if (characters.length > maxLength) {
    refuse(`expected a pattern of at most ${maxLength} characters; got ${characters.length}`);
  }
  const reader: Reader = { characters, at: 0, depth: 0 };
  const node = parseChoice(reader);
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

function parseChoice(reader: Reader): PatternNode {
  const nodes = [parseSequence(reader)];
  while (skip(reader, '|')) nodes.push(parseSequence(reader));
  return nodes.length === 1 && nodes[0] ? nodes[0] : { kind: 'choice', nodes };
}

function parseSequence(reader: Reader): PatternNode {
  const nodes: PatternNode[] = [];
  for (let character = next(reader); character !== undefined && !'|)'.includes(character); character = next(reader)) {
    nodes.push(parseRepeat(reader, parseAtom(reader)));
  }
  return { kind: 'sequence', nodes };
}

function parseAtom(reader: Reader): PatternNode {
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
      return parseSet(reader);
    case '(':
      return parseGroup(reader);
    case '\\':
      return parseEscape(reader);
    case '*':
    case '+':
    case '?':
      return refuse(`expected something to repeat before ${character} at ${at}`);
    default:
      return single(character);
  }
}

function parseGroup(reader: Reader): PatternNode {
  skip(reader, '?:');
  if (next(reader) === '?') refuse('expected a group without look-around, names or flags');
  reader.depth += 1;
  if (reader.depth > maxGroupDepth) refuse(`expected groups at most ${maxGroupDepth} deep`);
  const node = parseChoice(reader);
  reader.depth -= 1;
  if (!skip(reader, ')')) refuse('expected a pattern whose groups all close; got one that does not');
  return node;
}

function parseEscape(reader: Reader): PatternNode {
  const character = take(reader);
  const ranges = shorthands[character.toLowerCase()];
  if (ranges) return { kind: 'set', negated: character !== character.toLowerCase(), ranges };
  return single(escaped(character));
}

/** The character that a backslash and `character` stand for. */
function escaped(character: string): string {
  const control = controls[character];
  if (control !== undefined) return control;
  if (/[\p{L}\p{N}]/u.test(character))
    refuse(`expected \\d \\w \\s \\t \\n \\r \\f \\v or an escaped sign; got \\${character}`);
  return character;
}

const single = (character: string): PatternNode => ({ kind: 'set', negated: false, ranges: [[character, character]] });

function parseSet(reader: Reader): PatternNode {
  const negated = skip(reader, '^');
  const ranges: Range[] = [];
  while (!skip(reader, ']')) ranges.push(...parseSetItem(reader));
  if (ranges.length === 0) refuse('expected characters between [ and ]; got none');
  return { kind: 'set', negated, ranges };
}

function parseSetItem(reader: Reader): readonly Range[] {
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

function parseRepeat(reader: Reader, node: PatternNode): PatternNode {
  const range = parseQuantifier(reader);
  if (!range) return node;
  skip(reader, '?');
  if (parseQuantifier(reader)) refuse('expected one quantifier; got one after another');
  if (has(node, (part) => part.kind === 'start' || part.kind === 'end')) refuse('expected no quantifier on ^ or $');
  const [min, max] = range;
  if (max > 1 && has(node, (part) => part.kind === 'repeat')) {
    refuse('expected no quantifier on a group that has one inside');
  }
  return { kind: 'repeat', node, min, max };
}

function parseQuantifier(reader: Reader): readonly [min: number, max: number] | undefined {
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
