import { Lexer, Source, TokenKind } from 'graphql';
import { tooComplex } from '../errors/refusals.ts';
import type { Guard } from './guard.ts';
import { maxLevels, tooDeep } from './nesting.ts';

/** The most that a document may have of each, counted before it is parsed. */
export interface TextLimits {
  /** Names, numbers, texts and punctuation marks. */
  readonly tokens: number;
  /** Directives that are used. */
  readonly directives: number;
}

/**
 * Refuses, with TOO_COMPLEX, documents nested so deep that parsing or validating them, both recursive, would overflow
 * the stack; and documents of too many tokens or directives.
 */
export function textLimits(limits: TextLimits): Guard {
  return {
    stage: 'text',
    check: (text) => {
      const problem = problemIn(text, limits);
      if (problem !== null) throw tooComplex(problem);
    },
  };
}

const opening: readonly TokenKind[] = [TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L];
const closing: readonly TokenKind[] = [TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R];

/** Reads no further than to the first limit that is passed. */
function problemIn(text: string, limits: TextLimits): string | null {
  const lexer = new Lexer(new Source(text));
  let levels = 0;
  let tokens = 0;
  let directives = 0;
  try {
    for (let token = lexer.advance(); token.kind !== TokenKind.EOF; token = lexer.advance()) {
      tokens += 1;
      if (token.kind === TokenKind.AT) directives += 1;
      levels += levelsOf(token.kind);
      if (levels > maxLevels) return tooDeep('a document');
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

const tooMany = (limit: number, things: string) =>
  `expected a document of at most ${limit} ${things}; got at least ${limit + 1}`;
