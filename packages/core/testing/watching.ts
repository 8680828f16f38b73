import type { Plugin, Supervisor } from '@muster/db';
import { expect } from 'vitest';
import { cursorOf } from '../src/event/read.ts';
import { openStream } from '../src/event/stream.ts';
import { pluginWatch, supervisorWatch, type WatchInput } from '../src/event/watch.ts';
import type { WatchEvent } from '../src/event/watchEvent.ts';
import {
  type Core,
  listPlugins,
  listSupervisors,
  type PluginFilter,
  type SupervisorFilter,
  type Viewer,
} from '../src/index.ts';
import { entities } from '../src/query/fields.ts';

export type WatchStream<Row> = AsyncIterableIterator<WatchEvent<Row>>;

/** Watches over one core, which `closeAll` ends. */
export function createWatching(core: Core) {
  const open: AsyncIterator<unknown>[] = [];
  return {
    watchSupervisors: async (
      viewer: Viewer,
      input: WatchInput<SupervisorFilter> = {},
    ): Promise<WatchStream<Supervisor>> => {
      const stream = await openStream(core, await supervisorWatch(core, viewer, input));
      open.push(stream);
      return stream;
    },
    watchPlugins: async (viewer: Viewer, input: WatchInput<PluginFilter> = {}): Promise<WatchStream<Plugin>> => {
      const stream = await openStream(core, await pluginWatch(core, viewer, input));
      open.push(stream);
      return stream;
    },
    cursorAt: (event: { seq: number } | undefined) => cursorOf(core, event?.seq ?? 0),
    closeAll: async () => {
      for (const iterator of open.splice(0)) await iterator.return?.();
    },
  };
}

export async function next<Row>(stream: WatchStream<Row>): Promise<WatchEvent<Row>> {
  const { value, done } = await stream.next();
  if (done) throw new Error('expected an event; the stream ended');
  return value;
}

export async function take<Row>(stream: WatchStream<Row>, count: number): Promise<WatchEvent<Row>[]> {
  const taken: WatchEvent<Row>[] = [];
  while (taken.length < count) taken.push(await next(stream));
  return taken;
}

/** All up to SYNCED, and that. */
export async function takeSnapshot<Row>(stream: WatchStream<Row>): Promise<WatchEvent<Row>[]> {
  const taken: WatchEvent<Row>[] = [];
  do taken.push(await next(stream));
  while (taken.at(-1)?.type !== 'SYNCED');
  return taken;
}

export const ofSupervisor = ({ type, row }: WatchEvent<Supervisor>) => [type, ...(row ? [row.hostname] : [])].join(' ');
export const ofPlugin = ({ type, row }: WatchEvent<Plugin>) =>
  [type, ...(row ? [row.pluginId, row.state] : [])].join(' ');

const visible = {
  supervisor: Object.keys(entities.supervisor.fields),
  plugin: [...Object.keys(entities.plugin.fields), 'endpoints'],
};

/** The part of a row that a viewer can see. */
function seen(entity: 'supervisor' | 'plugin', row: object): Record<string, unknown> {
  const fields = row as Record<string, unknown>;
  return Object.fromEntries(visible[entity].map((name) => [name, fields[name]]));
}

function refuseMisfit({ type, id, seq }: WatchEvent<unknown>, known: boolean, synced: boolean): void {
  const fits = { ADDED: !known, MODIFIED: known, REMOVED: known, SYNCED: !synced, BOOKMARK: synced }[type];
  if (!fits) throw new Error(`${type} of ${id} at ${seq}, which was ${known ? '' : 'not '}known`);
}

/** Creates a client's list, which a watch keeps up to date. Refuses events that don't fit the earlier ones. */
export function createList<Row extends { id: string }>(core: Core) {
  const rows = new Map<string, Row>();
  let synced = false;
  let last = 0;
  let resumedAt = 0;
  return {
    rows,
    /** Resumes after the cursor; a change of many rows that was interrupted is delivered again as a whole. */
    resume(): void {
      resumedAt = last;
    },
    get synced() {
      return synced;
    },
    get cursor() {
      return cursorOf(core, last);
    },
    apply(event: WatchEvent<Row>): void {
      const { type, id, row, seq } = event;
      if (resumedAt === 0 || seq > resumedAt + 1) refuseMisfit(event, id !== null && rows.has(id), synced);
      // A bookmark may say again where the watcher is already, and many rows may share a change.
      if (synced && seq < last) throw new Error(`${seq} came after ${last}`);
      synced ||= type === 'SYNCED';
      if (synced) last = seq;
      if (id !== null && row !== null) rows.set(id, row);
      else if (id !== null) rows.delete(id);
    },
  };
}

/** All plugins that a filter lists. */
export async function listedPlugins(core: Core, viewer: Viewer, filter?: PluginFilter): Promise<Map<string, Plugin>> {
  const rows = new Map<string, Plugin>();
  for (let after: string | null = null; ; ) {
    const page: Awaited<ReturnType<typeof listPlugins>> = await listPlugins(core, viewer, {
      filter,
      first: 100,
      after,
    });
    for (const { node } of page.edges) rows.set(node.id, node);
    if (!(await page.pageInfo.hasNextPage)) return rows;
    after = page.pageInfo.endCursor;
  }
}

/** The first hundred supervisors that a filter lists. */
export async function listedSupervisors(
  core: Core,
  viewer: Viewer,
  filter?: SupervisorFilter,
): Promise<Map<string, Supervisor>> {
  const page = await listSupervisors(core, viewer, { filter, first: 100 });
  return new Map(page.edges.map(({ node }) => [node.id, node]));
}

/** That two lists have the same rows, as far as a viewer sees them. */
export function expectSame(
  entity: 'supervisor' | 'plugin',
  rows: Map<string, object>,
  listed: Map<string, object>,
): void {
  const sorted = (all: Map<string, object>) =>
    [...all].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => seen(entity, row));
  expect(sorted(rows)).toEqual(sorted(listed));
}
