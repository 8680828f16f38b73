import { isObject, type Viewer } from '@muster/core';
import {
  persistedQueryNotFound,
  persistedQueryNotSupported,
  textNotTaken,
  unknownDocumentId,
  wrongHash,
} from '../errors/refusals.ts';
import { type CachedDocument, createDocumentCache } from './documentCache.ts';
import { FairCache } from './fairCache.ts';
import type { OperationRequest } from './operation.ts';
import { hashOfId, idWithoutPrefix, type PersistedOperations, sha256Of } from './persistedOperations.ts';

/** The most characters of all documents that clients had kept by their hashes, and of each. */
const maxKeptCharacters = 2_000_000;
const maxKeptCharactersEach = 50_000;
/** The characters that even the shortest of them counts as. */
const leastKeptCharacters = 200;

/** A document that a request asks for. */
interface FoundDocument {
  readonly text: string;
  readonly document: CachedDocument;
}

/** Finds the document of a request: by its text, or by an id. */
export interface DocumentSource {
  /** @throws DomainError, or GraphQLError, for a request whose document isn't known, or isn't taken */
  find(viewer: Viewer, request: OperationRequest): FoundDocument;
}

/** The parameters of a source of documents. */
export interface DocumentSourceOptions {
  persisted: PersistedOperations;
  /** Parses a listed document. */
  parseListed(id: string, text: string): CachedDocument;
  /** Parses a document that a client has sent, within the limits. */
  parse(text: string, viewer: Viewer): CachedDocument;
}

/** Makes the source of all documents. */
export function createDocumentSource(options: DocumentSourceOptions): DocumentSource {
  return new Documents(options);
}

/** How a request names a document beside its text. */
interface DocumentId {
  readonly id: string;
  /** The id came as `extensions.persistedQuery.sha256Hash`, of a client that falls back on the text. */
  readonly isAutomatic: boolean;
}

class Documents implements DocumentSource {
  readonly #options: DocumentSourceOptions;
  readonly #listed: ReadonlyMap<string, FoundDocument>;
  readonly #cache = createDocumentCache();
  /** The texts that clients had kept by their hashes. */
  readonly #kept = new FairCache<string>({ maxSize: maxKeptCharacters, maxEntrySize: maxKeptCharactersEach });

  constructor(options: DocumentSourceOptions) {
    this.#options = options;
    this.#listed = new Map(
      [...options.persisted.texts].map(([id, text]) => [id, { text, document: options.parseListed(id, text) }]),
    );
  }

  find(viewer: Viewer, request: OperationRequest): FoundDocument {
    const asked = idIn(request);
    if (asked === null) return this.#byText(viewer, request.query ?? '');
    const listed = this.#listed.get(idWithoutPrefix(asked.id));
    if (listed) return listed;
    if (request.query) return this.#byTextAndId(viewer, request.query, asked);
    if (!asked.isAutomatic) throw unknownDocumentId();
    if (!this.#options.persisted.automatic) throw persistedQueryNotSupported();
    const kept = this.#kept.get(asked.id.toLowerCase());
    if (kept === undefined) throw persistedQueryNotFound();
    return this.#byText(viewer, kept);
  }

  #byText(viewer: Viewer, text: string): FoundDocument {
    const { persisted, parse } = this.#options;
    if (persisted.required && viewer.role !== 'ADMIN') throw textNotTaken(viewer);
    const cached = this.#cache.get(text);
    if (cached) return { text, document: cached };
    const document = parse(text, viewer);
    this.#cache.set(viewer.domainId, text, document);
    return { text, document };
  }

  /** A client that sends both wants the text kept, so that the hash is enough from then on. */
  #byTextAndId(viewer: Viewer, text: string, { id, isAutomatic }: DocumentId): FoundDocument {
    const found = this.#byText(viewer, text);
    if (!isAutomatic || !this.#options.persisted.automatic) return found;
    const hash = sha256Of(text);
    if (hash !== hashOfId(id)) throw wrongHash();
    this.#kept.set(viewer.domainId, hash, text, Math.max(leastKeptCharacters, text.length));
    return found;
  }
}

/** Whether parameters name a document by an id. */
export function namesDocument(parameters: OperationRequest): boolean {
  return idIn(parameters) !== null;
}

function idIn({ documentId, extensions }: OperationRequest): DocumentId | null {
  if (typeof documentId === 'string') return { id: documentId, isAutomatic: false };
  const persistedQuery = extensions?.persistedQuery;
  const hash = isObject(persistedQuery) ? persistedQuery.sha256Hash : undefined;
  return typeof hash === 'string' ? { id: hash, isAutomatic: true } : null;
}
