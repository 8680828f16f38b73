import { type DocumentNode, NoSchemaIntrospectionCustomRule } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { type DocumentShape, shapeOf } from './documentShape.ts';
import { mostLevels } from './textLimits.ts';
import { tooComplex } from './tooComplex.ts';

export interface DocumentLimitsOptions {
  /** The most of each. */
  limits: Omit<DocumentShape, 'levels'>;
  /** Whether a client may ask for the schema. */
  introspection: boolean;
}

const names: Readonly<Record<keyof DocumentShape, string>> = {
  levels: 'levels',
  depth: 'levels of fields',
  aliases: 'aliases',
  rootFields: 'fields at its root',
};

/** What graphql-js says when comparing a document's fields with each other takes more than it is ready to do. */
const abandoned = 'Validation aborted.';

/** Refuses, with TOO_COMPLEX, documents that are too large to be validated, each once. */
export function useDocumentLimits({ limits: given, introspection }: DocumentLimitsOptions): Plugin {
  const limits: DocumentShape = { levels: mostLevels, ...given };
  const measured = new WeakSet<DocumentNode>();

  function measure(document: DocumentNode): void {
    const shape = shapeOf(document, mostLevels);
    for (const part of Object.keys(names) as (keyof DocumentShape)[]) {
      if (shape[part] <= limits[part]) continue;
      throw tooComplex(`expected a document of at most ${limits[part]} ${names[part]}; got ${shape[part]}`);
    }
    measured.add(document);
  }

  return {
    onValidate: ({ params: { documentAST }, addValidationRule }) => {
      if (!measured.has(documentAST)) measure(documentAST);
      if (!introspection) addValidationRule(NoSchemaIntrospectionCustomRule);
      return ({ result }) => {
        if (result.some((error: unknown) => error instanceof Error && error.message === abandoned)) {
          throw tooComplex('expected a document that selects each field of an object once; got many the same');
        }
      };
    },
  };
}
