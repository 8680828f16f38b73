/** Counts the WebSockets and event streams of all clients together. */
export class ConnectionTotal {
  /** The most that may be open. */
  readonly most: number;
  #count = 0;

  constructor(most: number) {
    this.most = most;
  }

  /** Whether no further one may be opened. */
  get isFull(): boolean {
    return this.#count >= this.most;
  }

  /** Counts one more; returns how to say, once, that it is closed. */
  open(): () => void {
    this.#count += 1;
    return () => {
      this.#count -= 1;
    };
  }
}
