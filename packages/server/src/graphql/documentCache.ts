import type { DocumentNode } from 'graphql';

/** Characters of the documents that are kept, together, and of a single one; parsed, a document takes some 100 times as much memory. */
const mostCharacters = 500_000;
const mostCharactersEach = 50_000;

/** What has been parsed before, by its text, as far as room for it is left: those asked for last. */
export interface KnownDocuments {
  get(text: string): DocumentNode | undefined;
  /** Of a text whose document has passed validation. */
  getValid(text: string): DocumentNode | undefined;
  set(text: string, document: DocumentNode): void;
  setValid(document: DocumentNode): void;
}

export function createKnownDocuments(): KnownDocuments {
  /** The one not asked for longest first. */
  const documents = new Map<string, DocumentNode>();
  const valid = new WeakSet<DocumentNode>();
  let characters = 0;
  /** The text of the one at the end. */
  let latest: string | undefined;

  function get(text: string): DocumentNode | undefined {
    const document = documents.get(text);
    if (document && text !== latest) {
      documents.delete(text);
      documents.set(text, document);
      latest = text;
    }
    return document;
  }

  function forget(text: string): void {
    if (documents.delete(text)) characters -= text.length;
  }

  return {
    get,
    getValid: (text) => {
      const document = get(text);
      return document && valid.has(document) ? document : undefined;
    },
    set: (text, document) => {
      forget(text);
      if (text.length > mostCharactersEach) return;
      documents.set(text, document);
      latest = text;
      characters += text.length;
      for (const oldest of documents.keys()) {
        if (characters <= mostCharacters) break;
        forget(oldest);
      }
    },
    setValid: (document) => void valid.add(document),
  };
}
