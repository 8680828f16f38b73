export { createContext, type SchemaContext } from './context.ts';
export { buildSchema } from './schema.ts';
