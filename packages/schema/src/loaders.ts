import {
  type Core,
  DomainError,
  type DrainItem,
  findDeployments,
  findRollouts,
  getLastSeen,
  getSupervisorsOfPlugins,
  type ListPluginsInput,
  type ListStepsInput,
  listLeftOn,
  listPluginsOf,
  listPluginsOfDeployments,
  listStepsOf,
  type Page,
  type PageArguments,
  type PageOfMany,
  pluginScope,
  pointsPerMs,
  readDrainItems,
  type Viewer,
} from '@muster/core';
import type { Deployment, Plugin, Rollout, RolloutStep, Supervisor } from '@muster/db';
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
  readonly drainItem: DataLoader<string, DrainItem>;
  readonly supervisorOfPlugin: DataLoader<string, Supervisor>;
  /** Null for a deployment that is no longer there. */
  readonly deployment: DataLoader<string, Deployment | null>;
  readonly rollout: DataLoader<string, Rollout | null>;
  pluginsOf(supervisorId: string, page: PluginPageArguments): Promise<Page<Plugin>>;
  /** The plugins that a deployment keeps, or is taking off. */
  pluginsOfDeployment(deploymentId: string, page: PluginPageArguments): Promise<Page<Plugin>>;
  /** The plugins that are left on a drained supervisor. */
  leftOn(supervisorId: string, page: PageArguments): Promise<Page<Plugin>>;
  stepsOf(rolloutId: string, page: ListStepsInput): Promise<Page<RolloutStep>>;
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
  #drainItem: Loaders['drainItem'] | undefined;
  #supervisorOfPlugin: Loaders['supervisorOfPlugin'] | undefined;
  #deployment: Loaders['deployment'] | undefined;
  #rollout: Loaders['rollout'] | undefined;
  #deployed: PageLoaders<PluginPageArguments, Plugin> | undefined;
  #plugins: PageLoaders<PluginPageArguments, Plugin> | undefined;
  #left: PageLoaders<PageArguments, Plugin> | undefined;
  #steps: PageLoaders<ListStepsInput, RolloutStep> | undefined;

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

  get drainItem(): Loaders['drainItem'] {
    this.#drainItem ??= batched<DrainItem>(
      (ids) => this.#run(() => readDrainItems(this.#core, ids)),
      // It went while its page was read.
      () => ({ reason: 'STOPPING', replacement: null }),
    );
    return this.#drainItem;
  }

  get supervisorOfPlugin(): Loaders['supervisorOfPlugin'] {
    this.#supervisorOfPlugin ??= batched(
      (ids) => this.#run(() => getSupervisorsOfPlugins(this.#core, ids)),
      // O5: the plugin is of a history that the database has no longer. A stream ends so, and is resumed, or expires.
      (id) => new DomainError('UNAVAILABLE', `supervisor ${id} is of a history that was lost meanwhile; try again`),
    );
    return this.#supervisorOfPlugin;
  }

  get deployment(): Loaders['deployment'] {
    this.#deployment ??= batched<Deployment | null>(
      (ids) => this.#run(() => findDeployments(this.#core, this.#viewer, ids)),
      () => null,
    );
    return this.#deployment;
  }

  get rollout(): Loaders['rollout'] {
    this.#rollout ??= batched<Rollout | null>(
      (ids) => this.#run(() => findRollouts(this.#core, this.#viewer, ids)),
      () => null,
    );
    return this.#rollout;
  }

  pluginsOfDeployment(deploymentId: string, page: PluginPageArguments): Promise<Page<Plugin>> {
    this.#deployed ??= new PageLoaders((ids, asked) =>
      this.#run(() => listPluginsOfDeployments(this.#core, pluginScope(this.#viewer), ids, asked)),
    );
    return this.#inTurns(this.#deployed.load(deploymentId, page));
  }

  pluginsOf(supervisorId: string, page: PluginPageArguments): Promise<Page<Plugin>> {
    this.#plugins ??= new PageLoaders((ids, asked) =>
      this.#run(() => listPluginsOf(this.#core, pluginScope(this.#viewer), ids, asked)),
    );
    return this.#inTurns(this.#plugins.load(supervisorId, page));
  }

  leftOn(supervisorId: string, page: PageArguments): Promise<Page<Plugin>> {
    this.#left ??= new PageLoaders((ids, asked) => this.#run(() => listLeftOn(this.#core, this.#viewer, ids, asked)));
    return this.#inTurns(this.#left.load(supervisorId, page));
  }

  stepsOf(rolloutId: string, page: ListStepsInput): Promise<Page<RolloutStep>> {
    this.#steps ??= new PageLoaders((ids, asked) => this.#run(() => listStepsOf(this.#core, this.#viewer, ids, asked)));
    return this.#inTurns(this.#steps.load(rolloutId, page));
  }

  /** Pages that were read together become answers in several turns of the event loop, where they are large (W3). */
  async #inTurns<Model>(loading: Promise<PageOfMany<Model>>): Promise<Page<Model>> {
    const found = await loading;
    await this.#core.pacer.take(this.#viewer.domainId ?? '', found.rowCount * pointsPerRow);
    return found;
  }
}

/** Loaders of pages of the rows of many parents, one for each page that is asked for. */
class PageLoaders<PageAsked, Model> {
  readonly #loaders = new Map<string, DataLoader<string, PageOfMany<Model>>>();
  readonly #read: (parentIds: string[], page: PageAsked) => Promise<Map<string, PageOfMany<Model>>>;

  constructor(read: (parentIds: string[], page: PageAsked) => Promise<Map<string, PageOfMany<Model>>>) {
    this.#read = read;
  }

  load(parentId: string, page: PageAsked): Promise<PageOfMany<Model>> {
    const key = JSON.stringify(page);
    let loader = this.#loaders.get(key);
    if (!loader) {
      loader = batched<PageOfMany<Model>>(
        (ids) => {
          // The next batch makes its own loader: clients may ask for any number of different pages.
          this.#loaders.delete(key);
          return this.#read(ids, page);
        },
        (id) => new Error(`no page for ${id}`),
      );
      this.#loaders.set(key, loader);
    }
    return loader.load(parentId);
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
