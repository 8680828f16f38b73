import { createHash } from 'node:crypto';
import type { Statement } from '@muster/db';
import { LRUCache } from 'lru-cache';

/** Characters of a statement that may have a name. */
const maxCharacters = 20_000;
/** Uses before a statement gets a name: a statement that is used once is not worth a plan that is kept. */
const timesBeforeName = 5;
/** Domains that are kept apart; beyond, those of the least recently active one are dropped. */
const maxTenants = 500;
/** Names of one domain's own statements, and statements that are counted for it, each in number and in characters. */
const ownNames = { max: 20, maxSize: 50_000 };
const ownCounts = { max: 50, maxSize: 50_000 };
/** Names of statements that several domains use. */
const commonNames = { max: 100, maxSize: 500_000 };

/**
 * Gives names, under which connections keep their plans, to statements that are made on demand and used often. Names are
 * bounded and shared fairly: a domain's statements take only its own names, until another domain uses them, too (W12).
 */
export interface NamedStatements {
  /** The text as a statement with a name, once the domain has used it often; before, the text itself. */
  named(text: string, tenant: string): Statement | string;
}

/** No names yet. */
export function createNamedStatements(): NamedStatements {
  return new FairNames();
}

interface OwnStatements {
  readonly names: LRUCache<string, Statement>;
  readonly counts: LRUCache<string, number>;
}

class FairNames implements NamedStatements {
  readonly #common = new LRUCache<string, Statement>({ ...commonNames, sizeCalculation: sizeOf });
  readonly #tenants = new LRUCache<string, OwnStatements>({
    max: maxTenants,
    dispose: ({ names }) => names.clear(),
  });
  /** The domain that has a statement for its own. */
  readonly #owners = new Map<string, string>();

  named(text: string, tenant: string): Statement | string {
    const common = this.#common.get(text);
    if (common) return common;
    if (text.length > maxCharacters) return text;
    const own = this.#tenants.get(tenant) ?? this.#addTenant(tenant);
    return own.names.get(text) ?? this.#count(own, text, tenant);
  }

  #count({ names, counts }: OwnStatements, text: string, tenant: string): Statement | string {
    const count = (counts.get(text) ?? 0) + 1;
    if (count < timesBeforeName) {
      counts.set(text, count);
      return text;
    }
    counts.delete(text);
    const statement = { name: `made_${createHash('sha256').update(text).digest('hex').slice(0, 32)}`, text };
    const owner = this.#owners.get(statement.name);
    if (owner === undefined || owner === tenant) {
      this.#owners.set(statement.name, tenant);
      names.set(text, statement);
    } else {
      this.#common.set(text, statement);
      this.#tenants.peek(owner)?.names.delete(text);
    }
    return statement;
  }

  #addTenant(tenant: string): OwnStatements {
    const own = {
      names: new LRUCache<string, Statement>({
        ...ownNames,
        sizeCalculation: sizeOf,
        dispose: ({ name }) => this.#owners.delete(name),
      }),
      counts: new LRUCache<string, number>({ ...ownCounts, sizeCalculation: sizeOf }),
    };
    this.#tenants.set(tenant, own);
    return own;
  }
}

function sizeOf(_value: unknown, text: string): number {
  return Math.max(1, text.length);
}
