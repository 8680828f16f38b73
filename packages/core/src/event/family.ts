import type { Database, Plugin, Supervisor } from '@muster/db';
import DataLoader from 'dataloader';
import { type FamilyRequest, type FamilyRow, readFamilies } from '../sql/readFamilies.ts';
import { pluginFromRow, supervisorFromRow } from '../sql/rows.ts';
import { type Change, changeFromRow, rowBefore } from './change.ts';
import { cursorExpired } from './cursor.ts';

/** A supervisor and its plugins as of one place in the log: no relation leads out of it. */
export interface Family {
  readonly supervisor: Supervisor | null;
  readonly plugins: ReadonlyMap<string, Plugin>;
}

/** How many families one statement reads at most: each may have a thousand plugins. */
const maxTogether = 50;

/**
 * Families as they were right before a change and right after it. The log has no rows but those that changed, so the
 * present rows are read, and what happened to them since is taken back. Calls that come together share one statement,
 * whoever makes them.
 */
export interface FamilyReader {
  /** @throws DomainError CURSOR_EXPIRED where history since the change is no longer kept (E3). */
  around(change: Change): Promise<{ before: Family; after: Family }>;
}

export function createFamilyReader(db: Database, logId: string): FamilyReader {
  const loader = new DataLoader<FamilyRequest, FamilyRow>((requests) => readTogether(db, requests), {
    cache: false,
    maxBatchSize: maxTogether,
  });
  return {
    around: async (change) => {
      const row = await loader.load({ supervisorId: supervisorIdOf(change), fromSeq: change.seq });
      if (change.seq <= row.trimmedThrough) throw cursorExpired(logId, row.trimmedThrough);
      const present: Family = {
        supervisor: row.supervisor && supervisorFromRow(row.supervisor),
        plugins: new Map(row.plugins.map(pluginFromRow).map((plugin) => [plugin.id, plugin])),
      };
      const later = row.events.map(changeFromRow).filter(({ seq }) => seq > change.seq);
      const after = later.reduceRight(takeBack, present);
      return { before: takeBack(after, change), after };
    },
  };
}

function supervisorIdOf(change: Change): string {
  return change.entity === 'supervisor' ? change.supervisor.id : change.plugin.supervisorId;
}

async function readTogether(db: Database, requests: readonly FamilyRequest[]): Promise<FamilyRow[]> {
  const earliest = new Map<string, number>();
  for (const { supervisorId, fromSeq } of requests) {
    earliest.set(supervisorId, Math.min(fromSeq, earliest.get(supervisorId) ?? fromSeq));
  }
  const rows = await readFamilies(
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

/** The family as it was before a change that it reflects. */
export function takeBack(family: Family, change: Change): Family {
  const row = rowBefore(change);
  if (change.entity === 'supervisor') return { ...family, supervisor: row as Supervisor | null };
  const plugins = new Map(family.plugins);
  if (row === null) plugins.delete(change.plugin.id);
  else plugins.set(row.id, row as Plugin);
  return { ...family, plugins };
}
