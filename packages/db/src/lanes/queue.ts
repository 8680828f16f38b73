/** An item of a queue. */
export interface Queueable {
  /** Where it stands; for the queue alone. */
  place?: number | undefined;
}

/**
 * A queue from whose middle items can be taken, too. It keeps nothing of what was taken out. A Set would: its outgrown
 * tables refer to the newer ones, and as soon as one of them is old, the garbage collector takes for alive what the others
 * hold, until its next full round.
 */
export class Queue<Item extends Queueable> {
  readonly #items: (Item | undefined)[] = [];
  #firstPlace = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get first(): Item | undefined {
    return this.#items[0];
  }

  push(item: Item): void {
    item.place = this.#firstPlace + this.#items.length;
    this.#items.push(item);
    this.#size += 1;
  }

  /** Takes an item out; false where it isn't in the queue. */
  remove(item: Item): boolean {
    if (item.place === undefined) return false;
    this.#items[item.place - this.#firstPlace] = undefined;
    item.place = undefined;
    this.#size -= 1;
    this.#dropGaps();
    return true;
  }

  #dropGaps(): void {
    while (this.#items.length > 0 && this.#items[0] === undefined) {
      this.#items.shift();
      this.#firstPlace += 1;
    }
    while (this.#items.length > 0 && this.#items.at(-1) === undefined) this.#items.pop();
  }
}
