import { type Database, ownWork, type Plugin, type Supervisor } from '@muster/db';
import DataLoader from 'dataloader';
import { LRUCache } from 'lru-cache';
import type { Scope } from '../access/policy.ts';
import { pluginFromRow, supervisorFromRow } from '../base/rows.ts';
import { changesFromRows, isRowChange, type RowChange, rowBefore, rowOf } from './change.ts';
import { cursorExpired, type LogState } from './cursor.ts';
import { readSupervisorTrees, type SupervisorTreeRequest, type SupervisorTreeRow } from './sql/readSupervisorTrees.ts';

/** A supervisor and its plugins as of one place in the log: no relation leads out of it. */
export interface SupervisorTree {
  readonly supervisor: Supervisor | null;
  readonly plugins: ReadonlyMap<string, Plugin>;
}

/** Trees that one statement reads at most: each may have a thousand plugins. */
const maxTogether = 50;

/**
 * Reads supervisor trees as they were right before a change and right after it. The log holds only the rows that
 * changed, so the present rows are read, and later changes are undone. Calls of one turn share one statement.
 */
export interface SupervisorTreeReader {
  /** @throws DomainError CURSOR_EXPIRED if history since the change is no longer kept (E3). */
  around(change: RowChange): Promise<TreesAround>;
}

/** A tree as it was right before a change, and right after it. */
export interface TreesAround {
  readonly before: SupervisorTree;
  readonly after: SupervisorTree;
}

/** A reader of trees from the database. */
export function createSupervisorTreeReader(db: Database, log: () => LogState): SupervisorTreeReader {
  const loader = new DataLoader<SupervisorTreeRequest, SupervisorTreeRow>((requests) => readTogether(db, requests), {
    cache: false,
    maxBatchSize: maxTogether,
  });
  return {
    around: async (change) => {
      const row = await loader.load({ supervisorId: supervisorIdOf(change), fromSeq: change.seq });
      if (change.seq <= row.trimmedThrough) throw cursorExpired({ ...log(), trimmedThrough: row.trimmedThrough });
      const present: SupervisorTree = {
        supervisor: row.supervisor && supervisorFromRow(row.supervisor),
        plugins: new Map(row.plugins.map(pluginFromRow).map((plugin) => [plugin.id, plugin])),
      };
      const later = changesFromRows(row.events)
        .filter(isRowChange)
        .filter(({ seq }) => seq > change.seq);
      const after = later.reduceRight(undoChange, present);
      return { before: undoChange(after, change), after };
    },
  };
}

/** The supervisor whose tree a change belongs to. */
function supervisorIdOf(change: RowChange): string {
  return change.entity === 'supervisor' ? change.supervisor.id : change.plugin.supervisorId;
}

async function readTogether(db: Database, requests: readonly SupervisorTreeRequest[]): Promise<SupervisorTreeRow[]> {
  const earliest = new Map<string, number>();
  for (const { supervisorId, fromSeq } of requests) {
    earliest.set(supervisorId, Math.min(fromSeq, earliest.get(supervisorId) ?? fromSeq));
  }
  const wanted = [...earliest].map(([supervisorId, fromSeq]) => ({ supervisorId, fromSeq }));
  // Several readers share the statement, so none of them may stop it.
  const rows = await db.runAs(ownWork('reads'), () => readSupervisorTrees(db.sql, wanted));
  const found = new Map(rows.map((row) => [row.supervisorId, row]));
  return requests.map(({ supervisorId }) => {
    const row = found.get(supervisorId);
    if (!row) throw new Error(`no answer about supervisor ${supervisorId}`);
    return row;
  });
}

/** The tree before a change that it includes. */
function undoChange(tree: SupervisorTree, change: RowChange): SupervisorTree {
  return withRow(tree, change, rowBefore(change));
}

/** The tree after its next change. */
function applyChange(tree: SupervisorTree, change: RowChange): SupervisorTree {
  return withRow(tree, change, change.kind.endsWith('_DELETED') ? null : rowOf(change));
}

function withRow(tree: SupervisorTree, change: RowChange, row: Supervisor | Plugin | null): SupervisorTree {
  if (change.entity === 'supervisor') return { ...tree, supervisor: row as Supervisor | null };
  const plugins = new Map(tree.plugins);
  if (row === null) plugins.delete(change.plugin.id);
  else plugins.set(row.id, row as Plugin);
  return { ...tree, plugins };
}

/** Trees that one watch caches; each may have a thousand plugins. */
const maxCached = 50;
/** Changes whose trees are cached for all watches. */
const maxShared = 200;

/** The trees around the latest changes, for all watches: most of them ask about the same change at the same time. */
export class SharedTrees {
  readonly #trees: SupervisorTreeReader;
  readonly #log: () => LogState;
  readonly #around = new LRUCache<string, Promise<TreesAround>>({ max: maxShared });

  constructor(trees: SupervisorTreeReader, log: () => LogState) {
    this.#trees = trees;
    this.#log = log;
  }

  /**
   * A caching reader for one watch that passes every relevant change of a tree, in order: only the first change of a
   * tree is read from the database, and each later tree follows from the one before. Watches of one scope
   * share the trees of a change; another scope may have passed other changes.
   */
  readerFor({ domainId }: Scope): SupervisorTreeReader {
    const latest = new LRUCache<string, Promise<SupervisorTree>>({ max: maxCached });
    return {
      around: (change) => {
        const id = supervisorIdOf(change);
        const key = JSON.stringify([this.#log().epoch, change.seq, domainId]);
        const around = this.#around.get(key) ?? this.#read(change, latest.get(id));
        const after = around.then((states) => states.after);
        // A failed read is not cached; its caller gets the error.
        after.catch(() => {
          latest.delete(id);
          this.#around.delete(key);
        });
        latest.set(id, after);
        this.#around.set(key, around);
        return around;
      },
    };
  }

  async #read(change: RowChange, earlier: Promise<SupervisorTree> | undefined): Promise<TreesAround> {
    if (earlier === undefined) return this.#trees.around(change);
    const before = await earlier;
    return { before, after: applyChange(before, change) };
  }
}
