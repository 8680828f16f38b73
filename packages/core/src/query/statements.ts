import { createHash } from 'node:crypto';
import type { Statement } from '@muster/db';

/** Statements that may have a name, and how long each may be: each connection keeps the plan of each. */
const mostNames = 100;
const mostCharacters = 20_000;
/** How often a statement is asked for before it gets a name: what comes once is not worth a plan that is kept. */
const timesBeforeName = 5;
/** Statements that are counted at a time. */
const mostCounted = 1_000;

/** Gives names to statements that are made up as they are needed, and needed often. */
export interface NamedStatements {
  named(text: string): Statement | string;
  /**
   * The part of a statement that is made of `what` for the table that goes by `alias`, made once: it must depend on
   * nothing else.
   */
  part(what: object, alias: string, make: () => string): string;
}

export function createNamedStatements(): NamedStatements {
  const names = new Map<string, Statement>();
  const counts = new Map<string, number>();
  const parts = new WeakMap<object, Map<string, string>>();
  return {
    part: (what, alias, make) => {
      const byAlias = parts.get(what) ?? new Map<string, string>();
      parts.set(what, byAlias);
      const part = byAlias.get(alias) ?? make();
      byAlias.set(alias, part);
      return part;
    },
    named: (text) => {
      const known = names.get(text);
      if (known) return known;
      if (names.size >= mostNames || text.length > mostCharacters) return text;
      const count = (counts.get(text) ?? 0) + 1;
      if (count < timesBeforeName) {
        if (counts.size >= mostCounted) counts.clear();
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
