import {
  type Core,
  type DrainProgress,
  drainsOf,
  type ListPluginsInput,
  listPluginsOf,
  livenessOf,
  type Page,
  pluginScope,
  supervisorsOfPlugins,
  type Viewer,
} from '@muster/core';
import type { Plugin, Supervisor } from '@muster/db';
import DataLoader from 'dataloader';

export type PluginPageArguments = Omit<ListPluginsInput, 'domainId' | 'keyword'>;

/**
 * Join what the rows of one list ask for one by one into one query. They remember nothing: a subscription runs every
 * event in the same context, and reads what lies outside the event's row when it is delivered.
 */
export interface Loaders {
  readonly liveness: DataLoader<string, { connected: boolean; lastSeenAt: Date | null }>;
  readonly drainLeft: DataLoader<string, DrainProgress[]>;
  readonly supervisorOfPlugin: DataLoader<string, Supervisor>;
  pluginsOf(supervisorId: string, page: PluginPageArguments): Promise<Page<Plugin>>;
}

export function createLoaders(core: Core, viewer: Viewer): Loaders {
  const pages = new Map<string, DataLoader<string, Page<Plugin>>>();
  return {
    liveness: batched(
      (ids) => livenessOf(core, ids),
      () => ({ connected: false, lastSeenAt: null }),
    ),
    drainLeft: batched(
      (ids) => drainsOf(core, viewer, ids),
      () => [],
    ),
    supervisorOfPlugin: batched(
      (ids) => supervisorsOfPlugins(core, ids),
      (id) => new Error(`supervisor ${id} of a plugin is in neither the table nor the log`),
    ),
    pluginsOf: (supervisorId, page) => {
      const key = JSON.stringify(page);
      let loader = pages.get(key);
      if (!loader) {
        loader = batched(
          (ids) => {
            // The next batch makes its own: many different pages may be asked for while the server runs.
            pages.delete(key);
            return listPluginsOf(core, pluginScope(viewer), ids, page);
          },
          (id) => new Error(`no page for supervisor ${id}`),
        );
        pages.set(key, loader);
      }
      return loader.load(supervisorId);
    },
  };
}

function batched<Value>(
  load: (ids: string[]) => Promise<Map<string, Value>>,
  otherwise: (id: string) => Value | Error,
): DataLoader<string, Value> {
  return new DataLoader<string, Value>(
    async (ids) => {
      const found = await load([...new Set(ids)]);
      return ids.map((id) => found.get(id) ?? otherwise(id));
    },
    { cache: false },
  );
}
