import { type ExecutionResult, type GraphQLError, Lexer, Source, TokenKind } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { KnownDocuments } from '../graphql/documentCache.ts';
import { tooComplex } from './tooComplex.ts';

/** Brackets within brackets that a document, or its variables, may have. Introspection needs 15. */
export const mostLevels = 200;

const tooDeep = (what: string) => `expected ${what} of at most ${mostLevels} levels; got a deeper one`;

/** What a document may have, counted before it is parsed. */
export interface TextLimits {
  /** Names, numbers, texts and punctuation marks. */
  readonly tokens: number;
  /** Directives that are used. */
  readonly directives: number;
}

/**
 * Refuses, with TOO_COMPLEX, what is nested so deep that parsing, validating or coercing it, all of them recursive,
 * would overflow the stack; and documents of too many tokens or directives. What is among `known` has been found to
 * have none of that.
 */
export function useNestingLimit(
  known: Pick<KnownDocuments, 'get'>,
  limits: TextLimits,
  mask: (error: unknown) => GraphQLError,
): Plugin {
  const check = ({ args, setResultAndStopExecution }: Stage) => {
    try {
      refuseDeep(args.variableValues);
    } catch (error) {
      setResultAndStopExecution({ errors: [mask(error)] });
    }
  };
  return {
    onParse: ({ params }) => {
      if (known.get(String(params.source))) return;
      const problem = problemOf(params.source, limits);
      if (problem !== null) throw tooComplex(problem);
    },
    onExecute: (stage) => check(stage as Stage),
    onSubscribe: (stage) => check(stage as Stage),
  };
}

interface Stage {
  args: { variableValues?: unknown };
  setResultAndStopExecution(result: ExecutionResult): void;
}

/** @throws DomainError TOO_COMPLEX for variables that are nested too deep to be coerced */
export function refuseDeep(variables: unknown): void {
  if (isDeeper(variables, mostLevels)) throw tooComplex(tooDeep('variables'));
}

const opening: readonly TokenKind[] = [TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L];
const closing: readonly TokenKind[] = [TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R];

/** Reads no further than to the first limit that is passed. */
function problemOf(source: string | Source, limits: TextLimits): string | null {
  const lexer = new Lexer(typeof source === 'string' ? new Source(source) : source);
  let levels = 0;
  let tokens = 0;
  let directives = 0;
  try {
    for (let token = lexer.advance(); token.kind !== TokenKind.EOF; token = lexer.advance()) {
      tokens += 1;
      if (token.kind === TokenKind.AT) directives += 1;
      levels += levelsOf(token.kind);
      if (levels > mostLevels) return tooDeep('a document');
      if (tokens > limits.tokens) return tooMany(limits.tokens, 'tokens');
      if (directives > limits.directives) return tooMany(limits.directives, 'directives');
    }
  } catch {
    // No token at all: the parser gets no further either, and says what is wrong.
  }
  return null;
}

function levelsOf(kind: TokenKind): number {
  if (opening.includes(kind)) return 1;
  return closing.includes(kind) ? -1 : 0;
}

const tooMany = (most: number, what: string) =>
  `expected a document of at most ${most} ${what}; got at least ${most + 1}`;

/** Goes no deeper than `levels`, so that its own recursion is bounded. */
function isDeeper(value: unknown, levels: number): boolean {
  if (!isObject(value)) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1));
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
