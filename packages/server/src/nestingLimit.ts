import { DomainError } from '@muster/core';
import { GraphQLError, Lexer, Source, TokenKind } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { KnownDocuments } from './knownDocuments.ts';

/** Brackets within brackets that a document, or its variables, may have. Introspection needs 15. */
const mostLevels = 200;

const problem = (what: string) => `expected ${what} of at most ${mostLevels} levels; got a deeper one`;

/**
 * Refuses, with TOO_COMPLEX, what is nested so deep that parsing, validating or coercing it, all of them recursive,
 * would overflow the stack. What is among `known` has been found to be no deeper.
 */
export function useNestingLimit(known: Pick<KnownDocuments, 'get'>): Plugin {
  const refusal = (variables: unknown) =>
    isDeeper(variables, mostLevels)
      ? { errors: [new GraphQLError(problem('variables'), { extensions: { code: 'TOO_COMPLEX' } })] }
      : undefined;
  return {
    onParse: ({ params }) => {
      if (!known.get(String(params.source)) && isDeeperText(params.source))
        throw new DomainError('TOO_COMPLEX', problem('a document'));
    },
    onExecute: ({ args, setResultAndStopExecution }) => {
      const result = refusal(args.variableValues);
      if (result) setResultAndStopExecution(result);
    },
    onSubscribe: ({ args, setResultAndStopExecution }) => {
      const result = refusal(args.variableValues);
      if (result) setResultAndStopExecution(result);
    },
  };
}

const opening: readonly TokenKind[] = [TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L];
const closing: readonly TokenKind[] = [TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R];

function isDeeperText(source: string | Source): boolean {
  const lexer = new Lexer(typeof source === 'string' ? new Source(source) : source);
  let levels = 0;
  try {
    for (let token = lexer.advance(); token.kind !== TokenKind.EOF; token = lexer.advance()) {
      if (opening.includes(token.kind)) levels += 1;
      else if (closing.includes(token.kind)) levels -= 1;
      if (levels > mostLevels) return true;
    }
  } catch {
    // No token at all: the parser gets no further either, and says what is wrong.
  }
  return false;
}

/** Goes no deeper than `levels`, so that its own recursion is bounded. */
function isDeeper(value: unknown, levels: number): boolean {
  if (!isObject(value)) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1));
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
