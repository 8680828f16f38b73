import type { Database, Plugin, Supervisor } from '@muster/db';
import DataLoader from 'dataloader';
import { pluginFromRow, supervisorFromRow } from '../base/rows.ts';
import { type Change, changeFromRow, rowBefore, rowOf } from './change.ts';
import { cursorExpired } from './cursor.ts';
import { readSupervisorTrees, type SupervisorTreeRequest, type SupervisorTreeRow } from './sql/readSupervisorTrees.ts';

/** A supervisor and its plugins as of one place in the log: no relation leads out of it. */
export interface SupervisorTree {
  readonly supervisor: Supervisor | null;
  readonly plugins: ReadonlyMap<string, Plugin>;
}

/** How many trees one statement reads at most: each may have a thousand plugins. */
const maxTogether = 50;

/**
 * Families as they were right before a change and right after it. The log has no rows but those that changed, so the
 * present rows are read, and what happened to them since is taken back. Calls that come together share one statement,
 * whoever makes them.
 */
export interface SupervisorTreeReader {
  /** @throws DomainError CURSOR_EXPIRED where history since the change is no longer kept (E3). */
  around(change: Change): Promise<{ before: SupervisorTree; after: SupervisorTree }>;
}

export function createSupervisorTreeReader(db: Database, logId: string): SupervisorTreeReader {
  const loader = new DataLoader<SupervisorTreeRequest, SupervisorTreeRow>((requests) => readTogether(db, requests), {
    cache: false,
    maxBatchSize: maxTogether,
  });
  return {
    around: async (change) => {
      const row = await loader.load({ supervisorId: supervisorIdOf(change), fromSeq: change.seq });
      if (change.seq <= row.trimmedThrough) throw cursorExpired(logId, row.trimmedThrough);
      const present: SupervisorTree = {
        supervisor: row.supervisor && supervisorFromRow(row.supervisor),
        plugins: new Map(row.plugins.map(pluginFromRow).map((plugin) => [plugin.id, plugin])),
      };
      const later = row.events.map(changeFromRow).filter(({ seq }) => seq > change.seq);
      const after = later.reduceRight(undoChange, present);
      return { before: undoChange(after, change), after };
    },
  };
}

/** Whose tree a change is of. */
function supervisorIdOf(change: Change): string {
  return change.entity === 'supervisor' ? change.supervisor.id : change.plugin.supervisorId;
}

async function readTogether(db: Database, requests: readonly SupervisorTreeRequest[]): Promise<SupervisorTreeRow[]> {
  const earliest = new Map<string, number>();
  for (const { supervisorId, fromSeq } of requests) {
    earliest.set(supervisorId, Math.min(fromSeq, earliest.get(supervisorId) ?? fromSeq));
  }
  const rows = await readSupervisorTrees(
    db.sql,
    [...earliest].map(([supervisorId, fromSeq]) => ({ supervisorId, fromSeq })),
  );
  const found = new Map(rows.map((row) => [row.supervisorId, row]));
  return requests.map(({ supervisorId }) => {
    const row = found.get(supervisorId);
    if (!row) throw new Error(`no answer about supervisor ${supervisorId}`);
    return row;
  });
}

/** The tree as it was before a change that it reflects. */
export function undoChange(tree: SupervisorTree, change: Change): SupervisorTree {
  return withRow(tree, change, rowBefore(change));
}

/** The tree as it is after the next change of it. */
export function applyChange(tree: SupervisorTree, change: Change): SupervisorTree {
  return withRow(tree, change, change.kind.endsWith('_DELETED') ? null : rowOf(change));
}

function withRow(tree: SupervisorTree, change: Change, row: Supervisor | Plugin | null): SupervisorTree {
  if (change.entity === 'supervisor') return { ...tree, supervisor: row as Supervisor | null };
  const plugins = new Map(tree.plugins);
  if (row === null) plugins.delete(change.plugin.id);
  else plugins.set(row.id, row as Plugin);
  return { ...tree, plugins };
}

/** Families that one reader keeps in mind; a tree may have a thousand plugins. */
const mostRemembered = 50;

/**
 * The same for a reader that is given every change that it could see of a tree, in their order: then only the first
 * one of a tree has to be read, and each further one follows from the last.
 */
export function cachedTrees(trees: SupervisorTreeReader): SupervisorTreeReader {
  const latest = new Map<string, Promise<SupervisorTree>>();
  return {
    around: async (change) => {
      const id = supervisorIdOf(change);
      const earlier = latest.get(id);
      const around = earlier
        ? earlier.then((before) => ({ before, after: applyChange(before, change) }))
        : trees.around(change);
      const after = around.then((states) => states.after);
      // Whoever asked is told; the next one reads anew.
      after.catch(() => latest.delete(id));
      latest.delete(id);
      latest.set(id, after);
      const [oldest] = latest.keys();
      if (latest.size > mostRemembered && oldest !== undefined) latest.delete(oldest);
      return around;
    },
  };
}
