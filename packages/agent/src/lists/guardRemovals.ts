import { type Wish, wishKey } from '../plugin/wish.ts';

/** G6: lists of fewer plugins are never in doubt. */
const leastInDoubt = 4;
/** G6: how long a list in doubt is held until it is fetched again. */
const holdMs = 60_000;
/** The pause before another fetch, where a list came while the last one was under way: it may be the older of the two. */
const overtakenMs = 1_000;

/** Lists of assignments, of which those in doubt are held. */
export interface RemovalGuard {
  /** Takes a list that arrived whole. */
  take(list: readonly Wish[]): Promise<void>;
  /** Since when removals are held, in milliseconds since 1970; null: none are. */
  readonly heldSinceMs: number | null;
  close(): void;
}

/** The lists' way. */
export interface RemovalGuardOptions {
  /** The list that counts now; null: none does yet. */
  readonly wishes: () => readonly Wish[] | null;
  /** Makes a list count. */
  readonly accept: (list: readonly Wish[]) => Promise<void>;
  /** Fetches the list again. */
  readonly fetchAgain: () => Promise<readonly Wish[]>;
  /** The share of the plugins that one list may remove. */
  readonly maxRemovalShare: number;
  readonly onHold: (removed: number, of: number) => void;
  /** Called with the error of a fetch; the list is held for as long again. */
  readonly onError: (error: unknown) => void;
}

/**
 * Guards against lists that are whole and yet wrong (G6): one that removes more than a share of at least four plugins is
 * held for a minute and fetched again, and its removals count only if both agree. Its other changes count at once.
 */
export function guardRemovals(options: RemovalGuardOptions): RemovalGuard {
  const { wishes, accept, fetchAgain, maxRemovalShare, onHold, onError } = options;
  let takes = 0;
  let held: { timer: NodeJS.Timeout; removed: ReadonlySet<string>; sinceMs: number } | undefined;

  function removedBy(list: readonly Wish[]): { keys: Set<string>; isInDoubt: boolean } {
    const before = wishes() ?? [];
    const listed = new Set(list.map(wishKey));
    const keys = new Set(before.map(wishKey).filter((key) => !listed.has(key)));
    return { keys, isInDoubt: before.length >= leastInDoubt && keys.size > maxRemovalShare * before.length };
  }

  async function take(list: readonly Wish[]): Promise<void> {
    takes += 1;
    const { keys, isInDoubt } = removedBy(list);
    if (!isInDoubt) {
      release();
      return accept(list);
    }
    const before = wishes() ?? [];
    if (!held) {
      held = { timer: setTimeout(() => void look(), holdMs), removed: keys, sinceMs: Date.now() };
      onHold(keys.size, before.length);
    }
    await accept([...list, ...before.filter((wish) => keys.has(wishKey(wish)))]);
  }

  /** Fetches again. A list that removes no more than the first agrees with it; any other is judged anew. */
  async function look(): Promise<void> {
    if (!held) return;
    try {
      const takesBefore = takes;
      const list = await fetchAgain();
      if (!held) return;
      if (takes !== takesBefore) {
        held.timer = setTimeout(() => void look(), overtakenMs);
        return;
      }
      const { keys } = removedBy(list);
      const agrees = [...keys].every((key) => held?.removed.has(key));
      release();
      await (agrees ? accept(list) : take(list));
    } catch (error) {
      onError(error);
      if (held) held.timer = setTimeout(() => void look(), holdMs);
    }
  }

  function release(): void {
    clearTimeout(held?.timer);
    held = undefined;
  }

  return {
    take,
    get heldSinceMs() {
      return held?.sinceMs ?? null;
    },
    close: release,
  };
}
