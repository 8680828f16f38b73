/** An item of a bag. */
interface Bagged {
  /** Where it lies; for the bag alone. */
  index?: number | undefined;
}

/** Items in any order. It keeps nothing of an item that was taken out, as a Set would (see queue.ts). */
export class Bag<Item extends Bagged> implements Iterable<Item> {
  readonly #items: Item[] = [];

  add(item: Item): void {
    item.index = this.#items.length;
    this.#items.push(item);
  }

  /** Takes an item out. Idempotent. */
  remove(item: Item): void {
    if (item.index === undefined) return;
    const last = this.#items.pop();
    if (last && last !== item) {
      this.#items[item.index] = last;
      last.index = item.index;
    }
    item.index = undefined;
  }

  /** Goes through the items of this moment. */
  [Symbol.iterator](): Iterator<Item> {
    return [...this.#items][Symbol.iterator]();
  }
}
