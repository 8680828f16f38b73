import type { Client } from '../data/client.ts';
import type { Document } from '../data/document.ts';
import type { BulkOutcome } from '../generated/operations.ts';

/** The result for one item. */
interface BulkItem {
  readonly targetId: string;
  readonly outcome: BulkOutcome;
  readonly code: string | null;
  readonly message: string | null;
}

/** The rows of a bulk change: these ids, or all that match the filter on screen (K5). */
export interface BulkTarget<Filter> {
  readonly filter?: Filter;
  /** In place of a filter that has no condition. */
  readonly all?: true;
}

/** A bulk mutation, whose field has the alias `bulk`. */
export type BulkDocument<Input> = Document<
  { readonly bulk: { readonly after: string | null; readonly items: readonly BulkItem[] } | null },
  { readonly input: Input & { readonly dryRun?: boolean; readonly after?: string | null } }
>;

/** How many items had which result. */
export interface BulkSums {
  readonly CHANGED: number;
  readonly UNCHANGED: number;
  readonly REFUSED: number;
  /** The first items that were changed, or would be. */
  readonly firstChanged: readonly string[];
  /** How many were refused for which reason. */
  readonly refusals: ReadonlyMap<string, { readonly count: number; readonly message: string }>;
}

const firstShown = 10;

const nothing: BulkSums = { CHANGED: 0, UNCHANGED: 0, REFUSED: 0, firstChanged: [], refusals: new Map() };

/**
 * Runs a bulk mutation to its end: a run takes 1,000 items at most, and says where the next one begins.
 *
 * @param input the same for each run, the filter above all
 * @param onProgress is called after each run
 */
export async function runBulk<Input extends object>(
  client: Client,
  document: BulkDocument<Input>,
  input: Input & { readonly dryRun?: boolean },
  signal: AbortSignal,
  onProgress: (sums: BulkSums) => void = () => {},
): Promise<BulkSums> {
  let sums = nothing;
  let after: string | null = null;
  do {
    const given: Input & { readonly dryRun?: boolean } = after === null ? input : { ...input, after };
    const { bulk } = await client.request(document, { input: given }, signal);
    sums = (bulk?.items ?? []).reduce(added, sums);
    after = bulk?.after ?? null;
    onProgress(sums);
  } while (after !== null);
  return sums;
}

function added(sums: BulkSums, { targetId, outcome, code, message }: BulkItem): BulkSums {
  const isFirst = outcome === 'CHANGED' && sums.firstChanged.length < firstShown;
  const before = sums.refusals.get(code ?? '');
  return {
    ...sums,
    [outcome]: sums[outcome] + 1,
    firstChanged: isFirst ? [...sums.firstChanged, targetId] : sums.firstChanged,
    refusals:
      outcome === 'REFUSED'
        ? new Map(sums.refusals).set(code ?? '', {
            count: (before?.count ?? 0) + 1,
            message: before?.message ?? message ?? '',
          })
        : sums.refusals,
  };
}

/** Whether a count has moved so far that the person has to look again: by more than 10 % (K5). */
export function hasMoved(before: number, now: number): boolean {
  return Math.abs(now - before) > before / 10;
}
