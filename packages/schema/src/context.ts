import type { Core, Viewer } from '@muster/core';
import { createLoaders, type Loaders } from './loaders.ts';

/** What resolvers get: the domain, who is asking, and loaders of this operation's own. */
export interface SchemaContext {
  readonly core: Core;
  readonly viewer: Viewer;
  readonly loaders: Loaders;
}

/** The context of one operation. */
export function createContext(core: Core, viewer: Viewer): SchemaContext {
  return { core, viewer, loaders: createLoaders(core, viewer) };
}
