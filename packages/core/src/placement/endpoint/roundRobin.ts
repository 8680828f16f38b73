/** Round robin over the endpoints of each key (M4). */
export interface RoundRobin {
  /** The next index from 0 to `count` - 1. */
  next(key: string, count: number): number;
}

/** Keys that are remembered; of more, the one that was added first begins anew. */
const mostKeys = 10_000;

export function createRoundRobin(): RoundRobin {
  const taken = new Map<string, number>();
  return {
    next: (key, count) => {
      const turn = (taken.get(key) ?? 0) % count;
      if (!taken.has(key) && taken.size >= mostKeys) {
        for (const oldest of taken.keys()) {
          taken.delete(oldest);
          break;
        }
      }
      taken.set(key, turn + 1);
      return turn;
    },
  };
}
