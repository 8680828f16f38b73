export { fragmentsByName } from './compiled/fragmentsByName.ts';
export { type CompiledRead, createReadCompiler } from './compiled/reads.ts';
export { createContext, createSharedContext, feedOf, type SchemaContext } from './context.ts';
export { createLoaders, type Loaders } from './loaders.ts';
export { buildSchema } from './schema.ts';
export type { ServerFacts } from './serverFacts.ts';
export { buildSubgraphSchema } from './subgraph.ts';
