import { LRUCache } from 'lru-cache';

/** Round robin over the endpoints of each key (M4). */
export interface RoundRobin {
  /** The next index from 0 to `count` - 1. */
  next(key: string, count: number): number;
}

/** Keys whose turns are kept; a key that is evicted begins again at 0. */
const maxKeys = 10_000;

/** Makes a round robin that has handed out nothing yet. */
export function createRoundRobin(): RoundRobin {
  const turns = new LRUCache<string, number>({ max: maxKeys });
  return {
    next: (key, count) => {
      const turn = (turns.get(key) ?? 0) % count;
      turns.set(key, turn + 1);
      return turn;
    },
  };
}
