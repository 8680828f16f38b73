import { z } from 'zod';
import type { DomainInput } from '../access/domainInput.ts';
import { scopeFor } from '../access/policy.ts';
import type { Viewer } from '../access/viewer.ts';
import { DomainError, type ErrorCode } from '../base/errors.ts';
import type { JsonRow } from '../base/rows.ts';
import type { UncheckedExcept } from '../base/unchecked.ts';
import { parse, perLimits, text } from '../base/validate.ts';
import type { CoreInternals } from '../core.ts';
import { rehearse } from '../placement/rehearse.ts';
import { type BulkSelection, parseBulkFilter } from '../query/bulkFilter.ts';
import type { PluginFilter, SupervisorFilter } from '../query/filter.ts';
import { findRows } from '../query/findRows.ts';

/** The result of a bulk change for one item; of a dry run, the result that the change would have. */
export interface BulkItem {
  /** The id of the supervisor or plugin. */
  readonly id: string;
  readonly outcome: 'CHANGED' | 'UNCHANGED' | 'REFUSED';
  /** Why the item was refused; null with another outcome. */
  readonly code: ErrorCode | null;
  readonly message: string | null;
}

/** The answer to a bulk change. */
export interface BulkResult {
  /** The items of this run, by id. */
  readonly items: readonly BulkItem[];
  /** The `after` by which the next run goes on; null once the change has been through all rows. */
  readonly after: string | null;
}

/** A change of the rows that a filter accepts, or of all. */
export type BulkInput<Filter> = DomainInput & z.input<ReturnType<typeof bulkSchema>> & BulkSelection<Filter>;

const bulkSchema = perLimits((limits) => {
  return z.object({
    all: z.boolean('expected true or false').nullish(),
    /** Whether only to answer, and to change nothing. Default false. */
    dryRun: z.boolean('expected true or false').nullish(),
    /** Where a run before this one ended. Default: from the first item on. */
    after: text(limits.nameLength).nullish(),
  });
});

/** The input of a bulk change before it has been parsed. */
export type UncheckedBulk<Input extends BulkInput<unknown>> = UncheckedExcept<Input, 'filter'>;

/** The change of one item, and the rows that it is for. */
export interface BulkChange<Item> {
  readonly entity: 'supervisor' | 'plugin';
  readonly model: (row: JsonRow) => Item;
  /**
   * Changes an item, in one transaction; returns whether there was anything to change. A dry run undoes what it does
   * (see `rehearse`).
   */
  readonly change: (core: CoreInternals, item: Item) => Promise<boolean>;
}

/**
 * B1, B2: changes up to `bulkItems` rows one after another, by id. Each is changed by itself, within an operation's time;
 * a refusal is the result of its item alone.
 */
export async function runBulk<Item extends { id: string }>(
  core: CoreInternals,
  viewer: Viewer,
  input: UncheckedBulk<BulkInput<SupervisorFilter | PluginFilter>>,
  { entity, model, change }: BulkChange<Item>,
): Promise<BulkResult> {
  const { limits } = core.settings;
  const scope = scopeFor(viewer, 'operate', input.domainId);
  const { all, dryRun, after } = parse(bulkSchema(limits), input);
  const where = parseBulkFilter(entity, { filter: input.filter, all }, limits);
  const paging = { limit: limits.bulkItems + 1, ...(after ? { afterId: after } : {}) };
  const rows = await findRows(core.db.sql, { entity, scope, where }, paging);
  const items: BulkItem[] = [];
  for (const item of rows.slice(0, limits.bulkItems).map(model)) {
    core.db.currentWork().restartDeadline();
    items.push(await changeItem(item.id, () => (dryRun ? rehearse(core, (c) => change(c, item)) : change(core, item))));
  }
  return { items, after: rows.length > items.length ? (items.at(-1)?.id ?? null) : null };
}

async function changeItem(id: string, change: () => Promise<boolean>): Promise<BulkItem> {
  try {
    return { id, outcome: (await change()) ? 'CHANGED' : 'UNCHANGED', code: null, message: null };
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return { id, outcome: 'REFUSED', code: error.code, message: error.message };
  }
}
