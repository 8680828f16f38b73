/// <reference lib="dom" />
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import type { PGlite } from '@electric-sql/pglite';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import type { SchemaEngine as Engine } from '@prisma/schema-engine-wasm';
import { PrismaPGlite } from 'pglite-prisma-adapter';

const require = createRequire(import.meta.url);
const schemaPath = new URL('../../../prisma/schema.prisma', import.meta.url);

interface WasmGlue {
  SchemaEngine: typeof Engine;
  __wbg_set_wasm(exports: WebAssembly.Exports): void;
}

let loading: Promise<typeof Engine> | undefined;

/** The engine's JavaScript half keeps its memory in module variables: a second instance in one process would break it. */
function loadEngine(): Promise<typeof Engine> {
  loading ??= instantiateEngine();
  return loading;
}

/** The schema engine as WebAssembly: Prisma's own binary can't be fetched everywhere. */
async function instantiateEngine(): Promise<typeof Engine> {
  // The package exports only its bundler entry, which Node can't load; its files lie beside that entry.
  const folder = new URL('.', pathToFileURL(require.resolve('@prisma/schema-engine-wasm')));
  const glue: WasmGlue = await import(new URL('schema_engine_bg.js', folder).href);
  const bytes = readFileSync(new URL('schema_engine_bg.wasm', folder));
  const module = await WebAssembly.compile(bytes);
  const instance = await WebAssembly.instantiate(module, { './schema_engine_bg.js': { ...glue } });
  glue.__wbg_set_wasm(instance.exports);
  (instance.exports.__wbindgen_start as (() => void) | undefined)?.();
  return glue.SchemaEngine;
}

/**
 * The SQL that turns the database behind `pglite` into what schema.prisma says; an empty script when they
 * agree. Triggers, functions and CHECK constraints are not modelled by Prisma, so they don't count.
 */
export async function diffAgainstSchema(pglite: PGlite): Promise<string> {
  const SchemaEngine = await loadEngine();
  const schema = { path: 'schema.prisma', content: readFileSync(schemaPath, 'utf8') };
  const factory = bindMigrationAwareSqlAdapterFactory(new PrismaPGlite(pglite));
  const engine = await SchemaEngine.new({ datamodels: [[schema.path, schema.content]] }, () => {}, factory);
  try {
    const result = await engine.diff({
      from: { tag: 'schemaDatasource', files: [schema], configDir: '.' },
      to: { tag: 'schemaDatamodel', files: [schema] },
      script: true,
      exitCode: null,
      filters: { externalTables: ['public._prisma_migrations'], externalEnums: [] },
    });
    return result.stdout ?? '';
  } finally {
    engine.free();
  }
}
