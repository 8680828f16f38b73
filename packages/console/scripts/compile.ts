import { fileURLToPath } from 'node:url';
import { generate } from '@graphql-codegen/cli';

const inPackage = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));

/**
 * Writes src/generated/operations.ts: the types of all documents beside the views, and each document as a text that
 * knows its types. A document that the schema doesn't have fails it. Beside it, enumFields.ts says where in the inputs of
 * mutations enums are.
 */
await generate({
  silent: true,
  errorsOnly: true,
  schema: inPackage('../schema/schema.graphql'),
  documents: inPackage('src/**/*.graphql'),
  importExtension: '.ts',
  generates: {
    [inPackage('src/generated/operations.ts')]: {
      plugins: ['@graphql-codegen/typescript-operations', inPackage('scripts/documentTexts.ts')],
      config: {
        strictScalars: true,
        scalars: { Cursor: 'string', DateTime: 'string', JSONObject: 'Record<string, unknown>' },
        enumsAsTypes: true,
        enumType: 'string-literal',
        useTypeImports: true,
        immutableTypes: true,
        skipTypename: true,
        maybeValue: 'T | null',
      },
    },
    [inPackage('src/generated/enumFields.ts')]: { plugins: [inPackage('scripts/enumFields.ts')] },
  },
});
