import { Lexer, Source, TokenKind } from 'graphql';
import { tooComplex } from '../errors/refusals.ts';
import type { Guard } from './guard.ts';
import { maxLevels, tooDeep } from './nesting.ts';
import type { Charge } from './rateLimiter.ts';

/** The most that a document may have of each, counted before it is parsed. */
export interface TextLimits {
  /** Of the whole text. */
  readonly characters: number;
  /** Names, numbers, texts and punctuation marks. */
  readonly tokens: number;
  /** Directives that are used. */
  readonly directives: number;
}

/** Characters of a name. Names are compared with each other, and with those that a mistyped one may stand for. */
const maxNameLength = 255;

/**
 * Refuses, with TOO_COMPLEX, documents nested so deep that parsing or validating them, both recursive, would overflow
 * the stack; and documents of too many characters, tokens or directives. A document that is not cached takes a point for
 * each of its tokens, so far as they are read: that pays for parsing and validating it, also where it is refused (W6).
 */
export function textLimits(limits: TextLimits, budget: Charge): Guard {
  return {
    stage: 'text',
    check: (text, viewer) => {
      const { tokens, problem } = read(text, limits);
      budget.charge(viewer, tokens);
      if (problem !== null) throw tooComplex(problem);
    },
  };
}

const opening: readonly TokenKind[] = [TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L];
const closing: readonly TokenKind[] = [TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R];

interface Reading {
  readonly tokens: number;
  readonly problem: string | null;
}

/** Reads no further than to the first limit that is passed. */
function read(text: string, limits: TextLimits): Reading {
  if (text.length > limits.characters) return { tokens: 1, problem: tooMany(limits.characters, 'characters') };
  const lexer = new Lexer(new Source(text));
  let levels = 0;
  let tokens = 0;
  let directives = 0;
  try {
    for (let token = lexer.advance(); token.kind !== TokenKind.EOF; token = lexer.advance()) {
      tokens += 1;
      if (token.kind === TokenKind.AT) directives += 1;
      levels += levelsOf(token.kind);
      if (levels > maxLevels) return { tokens, problem: tooDeep('a document') };
      if (tokens > limits.tokens) return { tokens, problem: tooMany(limits.tokens, 'tokens') };
      if (directives > limits.directives) return { tokens, problem: tooMany(limits.directives, 'directives') };
      if (token.kind === TokenKind.NAME && token.end - token.start > maxNameLength) {
        return { tokens, problem: `expected names of at most ${maxNameLength} characters; got a longer one` };
      }
    }
  } catch {
    // No token at all: the parser gets no further either, and says what is wrong.
  }
  return { tokens, problem: null };
}

function levelsOf(kind: TokenKind): number {
  if (opening.includes(kind)) return 1;
  return closing.includes(kind) ? -1 : 0;
}

const tooMany = (limit: number, things: string) =>
  `expected a document of at most ${limit} ${things}; got at least ${limit + 1}`;
