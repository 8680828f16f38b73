/** How a lane takes and runs batches. */
export interface LaneOptions<Item> {
  /** How many batches run at a time. */
  readonly width: number;
  /** Takes the next batch out of the queue, the longest waiting items first; empty where none of them may start now. */
  readonly takeBatch: (queue: Item[]) => readonly Item[];
  /** Runs a batch; must not reject. */
  readonly run: (batch: readonly Item[]) => Promise<void>;
  /** Calls back when the next batch may be taken. */
  readonly defer: (start: () => void) => void;
}

/** A queue of items, and the batches of them that run, a bounded number at a time. */
export class Lane<Item> {
  readonly #options: LaneOptions<Item>;
  readonly #queue: Item[] = [];
  #running = 0;
  #isScheduled = false;

  constructor(options: LaneOptions<Item>) {
    this.#options = options;
  }

  /** Queues items, and starts batches as far as there is room. */
  add(...items: readonly Item[]): void {
    this.#queue.push(...items);
    this.start();
  }

  /** Starts batches as far as there is room; to be called when items may start that could not before. */
  start(): void {
    const { width, defer, takeBatch, run } = this.#options;
    if (this.#isScheduled || this.#running >= width || this.#queue.length === 0) return;
    this.#isScheduled = true;
    defer(() => {
      this.#isScheduled = false;
      const batch = takeBatch(this.#queue);
      if (batch.length === 0) return;
      this.#running += 1;
      void run(batch).then(() => {
        this.#running -= 1;
        this.start();
      });
      this.start();
    });
  }
}
