/** The turns of one plugin: one action at a time, each on a list that began after the one before (G1). */
export class Worker {
  #running: AbortController | undefined;
  #target = '';
  #leastList = 0;
  #pausedUntilMs = 0;
  #timer: NodeJS.Timeout | undefined;

  /** Whether a list may decide: no action is under way, and none has ended since it began. */
  mayDecide(list: number): boolean {
    return !this.#running && list >= this.#leastList;
  }

  /** Runs an action; `nextList` numbers the first list that will begin after it. */
  async run(target: string, action: (signal: AbortSignal) => Promise<void>, nextList: () => number): Promise<void> {
    const running = new AbortController();
    this.#running = running;
    this.#target = target;
    try {
      await action(running.signal);
    } finally {
      this.#running = undefined;
      this.#leastList = nextList();
    }
  }

  /** Ends what is under way for another target, such as a pull. */
  retarget(target: string): void {
    if (this.#target !== target) this.#running?.abort();
  }

  /** Looks no sooner than then. */
  pauseUntil(untilMs: number): void {
    this.#pausedUntilMs = untilMs;
  }

  /** Calls at a time, in place of any earlier one. */
  callAt(atMs: number, nowMs: number, call: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(call, Math.max(0, atMs - nowMs));
  }

  /** The end of its pause after a fault. */
  get pausedUntilMs(): number {
    return this.#pausedUntilMs;
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#running?.abort();
  }
}
