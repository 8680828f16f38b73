import {
  type Core,
  type DrainProgress,
  getDrainProgress,
  getLastSeen,
  getSupervisorsOfPlugins,
  type ListPluginsInput,
  listPluginsOf,
  type Page,
  type PageOfMany,
  pluginScope,
  pointsPerMs,
  type Viewer,
} from '@muster/core';
import type { Plugin, Supervisor } from '@muster/db';
import DataLoader from 'dataloader';

/** The points of the event loop that a row of a page takes, until all its fields stand in the answer. */
const pointsPerRow = pointsPerMs / 30;

/** The arguments of a supervisor's page of plugins. */
type PluginPageArguments = Omit<ListPluginsInput, 'domainId' | 'keyword'>;

/**
 * Loaders that join the reads of the rows of one list into one query. They cache nothing: a subscription runs every event
 * in the same context, and reads related rows when the event is delivered.
 */
export interface Loaders {
  readonly lastSeenAt: DataLoader<string, Date | null>;
  readonly drainLeft: DataLoader<string, DrainProgress[]>;
  readonly supervisorOfPlugin: DataLoader<string, Supervisor>;
  pluginsOf(supervisorId: string, page: PluginPageArguments): Promise<Page<Plugin>>;
}

/** Runs the load of a batch. */
export type RunLoad = <Result>(load: () => Result) => Result;

/**
 * The loaders of one context.
 *
 * @param run runs each batch: by default as a part of the work that asked first, which is wrong where loaders are shared
 */
export function createLoaders(core: Core, viewer: Viewer, run: RunLoad = (load) => load()): Loaders {
  return new LazyLoaders(core, viewer, run);
}

/** Makes each loader when it is first used: most operations need none. */
class LazyLoaders implements Loaders {
  readonly #core: Core;
  readonly #viewer: Viewer;
  readonly #run: RunLoad;
  #lastSeenAt: Loaders['lastSeenAt'] | undefined;
  #drainLeft: Loaders['drainLeft'] | undefined;
  #supervisorOfPlugin: Loaders['supervisorOfPlugin'] | undefined;
  #pages: Map<string, DataLoader<string, PageOfMany<Plugin>>> | undefined;

  constructor(core: Core, viewer: Viewer, run: RunLoad) {
    this.#core = core;
    this.#viewer = viewer;
    this.#run = run;
  }

  get lastSeenAt(): Loaders['lastSeenAt'] {
    this.#lastSeenAt ??= batched<Date | null>(
      (ids) => this.#run(() => getLastSeen(this.#core, ids)),
      () => null,
    );
    return this.#lastSeenAt;
  }

  get drainLeft(): Loaders['drainLeft'] {
    this.#drainLeft ??= batched<DrainProgress[]>(
      (ids) => this.#run(() => getDrainProgress(this.#core, this.#viewer, ids)),
      () => [],
    );
    return this.#drainLeft;
  }

  get supervisorOfPlugin(): Loaders['supervisorOfPlugin'] {
    this.#supervisorOfPlugin ??= batched(
      (ids) => this.#run(() => getSupervisorsOfPlugins(this.#core, ids)),
      (id) => new Error(`supervisor ${id} of a plugin is in neither the table nor the log`),
    );
    return this.#supervisorOfPlugin;
  }

  async pluginsOf(supervisorId: string, page: PluginPageArguments): Promise<Page<Plugin>> {
    const found = await this.#loadPluginsOf(supervisorId, page);
    // Pages that were read together become answers in several turns of the event loop, where they are large (W3).
    await this.#core.pacer.take(this.#viewer.domainId ?? '', found.rowCount * pointsPerRow);
    return found;
  }

  #loadPluginsOf(supervisorId: string, page: PluginPageArguments): Promise<PageOfMany<Plugin>> {
    this.#pages ??= new Map();
    const pages = this.#pages;
    const key = JSON.stringify(page);
    let loader = pages.get(key);
    if (!loader) {
      loader = batched<PageOfMany<Plugin>>(
        (ids) => {
          // The next batch makes its own loader: clients may ask for any number of different pages.
          pages.delete(key);
          return this.#run(() => listPluginsOf(this.#core, pluginScope(this.#viewer), ids, page));
        },
        (id) => new Error(`no page for supervisor ${id}`),
      );
      pages.set(key, loader);
    }
    return loader.load(supervisorId);
  }
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
