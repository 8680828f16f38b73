import { type DocumentNode, getOperationAST, type OperationDefinitionNode } from 'graphql';
import { FairCache } from './fairCache.ts';
import type { PreparedOperation } from './preparedOperations.ts';

/** The most characters of all cached documents together, and of each: parsed, a document takes some 100 times as much memory. */
const maxCharacters = 500_000;
const maxCharactersEach = 50_000;
/** The characters that even the shortest document counts as. */
const leastCharacters = 200;

/** An operation of a cached document. */
export interface CachedOperation {
  readonly node: OperationDefinitionNode;
  /** Null until the operation is first admitted: its document is valid then. */
  prepared: PreparedOperation | null;
}

/** A parsed document, with all that was worked out for it. */
export class CachedDocument {
  readonly node: DocumentNode;
  /** Why the document is invalid, not masked; empty for a valid one, and null until it is validated. */
  errors: readonly unknown[] | null = null;
  readonly #operations = new Map<string | null | undefined, CachedOperation>();

  constructor(node: DocumentNode) {
    this.node = node;
  }

  /** The operation of this name, or the only one; null where there is none. */
  operation(name: string | null | undefined): CachedOperation | null {
    const earlier = this.#operations.get(name);
    if (earlier) return earlier;
    const node = getOperationAST(this.node, name);
    // A name that the document lacks is not cached: clients can make up any number of them.
    if (!node) return null;
    const operation = { node, prepared: null };
    this.#operations.set(name, operation);
    return operation;
  }
}

/** Documents by their texts, shared fairly between the tenants that bring them (W12). */
export interface DocumentCache {
  get(text: string): CachedDocument | undefined;
  /** @param tenant the domain of the viewer who brings the document; null for one of all domains */
  set(tenant: string | null, text: string, document: CachedDocument): void;
}

/** Makes an empty cache, bounded by the characters of its documents. */
export function createDocumentCache(): DocumentCache {
  const documents = new FairCache<CachedDocument>({ maxSize: maxCharacters, maxEntrySize: maxCharactersEach });
  return {
    get: (text) => documents.get(text),
    set: (tenant, text, document) => documents.set(tenant, text, document, Math.max(leastCharacters, text.length)),
  };
}
