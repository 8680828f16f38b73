/** How long a test waits for what must come. */
const patienceMs = 100_000;

/** A queue of items that have arrived and haven't been taken yet. */
export interface Queue<Item> {
  push(item: Item): void;
  /** Ends the queue: present and later waits fail with `reason`. */
  end(reason: string): void;
  /** The oldest item that `wanted` accepts; the others stay. */
  take(wanted?: (item: Item) => boolean): Promise<Item>;
  /** How many items wait to be taken. */
  readonly length: number;
}

export function createQueue<Item>(): Queue<Item> {
  const items: Item[] = [];
  const takers: { wanted: (item: Item) => boolean; settle: PromiseWithResolvers<Item> }[] = [];
  let ended: string | undefined;

  return {
    push: (item) => {
      const at = takers.findIndex(({ wanted }) => wanted(item));
      const [taker] = at < 0 ? [] : takers.splice(at, 1);
      if (taker) taker.settle.resolve(item);
      else items.push(item);
    },
    end: (reason) => {
      ended = reason;
      for (const { settle } of takers.splice(0)) settle.reject(new Error(reason));
    },
    take: (wanted = () => true) => {
      const at = items.findIndex(wanted);
      const [item] = at < 0 ? [] : items.splice(at, 1);
      if (item !== undefined) return Promise.resolve(item);
      if (ended !== undefined) return Promise.reject(new Error(ended));
      const settle = Promise.withResolvers<Item>();
      takers.push({ wanted, settle });
      const timer = setTimeout(() => {
        settle.reject(new Error(`nothing came in ${patienceMs} ms; waiting: ${JSON.stringify(items).slice(0, 500)}`));
      }, patienceMs);
      return settle.promise.finally(() => clearTimeout(timer));
    },
    get length() {
      return items.length;
    },
  };
}
