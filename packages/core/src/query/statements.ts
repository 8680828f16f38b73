import { createHash } from 'node:crypto';
import type { Statement } from '@muster/db';
import { LRUCache } from 'lru-cache';

/** Statements that may have a name, and characters that each may have: every connection keeps the plan of each for good. */
const maxNames = 100;
const maxCharacters = 20_000;
/** Uses before a statement gets a name: a statement that is used once is not worth a plan that is kept. */
const timesBeforeName = 5;
/** Statements that are counted at a time; beyond, the least recently used one is forgotten. */
const maxCounted = 1_000;

/** Gives names, under which connections keep their plans, to statements that are made on demand and used often. */
export interface NamedStatements {
  /** The text as a statement with a name, once it has been asked for often; before, the text itself. */
  named(text: string): Statement | string;
}

/** No names yet. */
export function createNamedStatements(): NamedStatements {
  const names = new Map<string, Statement>();
  const counts = new LRUCache<string, number>({ max: maxCounted });
  return {
    named: (text) => {
      const named = names.get(text);
      if (named) return named;
      if (names.size >= maxNames || text.length > maxCharacters) return text;
      const count = (counts.get(text) ?? 0) + 1;
      if (count < timesBeforeName) {
        counts.set(text, count);
        return text;
      }
      counts.delete(text);
      const statement = { name: `made_${createHash('sha256').update(text).digest('hex').slice(0, 32)}`, text };
      names.set(text, statement);
      return statement;
    },
  };
}
