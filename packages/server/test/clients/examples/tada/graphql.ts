import { initGraphQLTada } from 'gql.tada';
import type { introspection } from './generated/schema.d.ts';

export const graphql = initGraphQLTada<{
  introspection: introspection;
  scalars: { Cursor: string; DateTime: string; JSONObject: Record<string, unknown> };
}>();
