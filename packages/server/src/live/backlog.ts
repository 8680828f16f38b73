import type { Payload } from './payload.ts';

/** Bytes that one write takes, so that a socket which doesn't read keeps few buffers that no other socket shares. */
export const writeBytes = 32 * 1024;

/** E5: how much may wait for one subscription. */
export interface BacklogLimits {
  readonly bufferEvents: number;
  readonly bufferBytes: number;
}

/** The payloads that wait for one subscription, in order. */
export class Backlog {
  readonly #limits: BacklogLimits;
  #waiting: Payload[] = [];
  #bytes = 0;

  constructor(limits: BacklogLimits) {
    this.#limits = limits;
  }

  get empty(): boolean {
    return this.#waiting.length === 0;
  }

  get tooLarge(): boolean {
    return this.#waiting.length > this.#limits.bufferEvents || this.#bytes > this.#limits.bufferBytes;
  }

  add(payloads: readonly Payload[]): void {
    for (const payload of payloads) this.#waiting.push(payload);
    this.#bytes += bytesOf(payloads);
  }

  /** Takes out the payloads of one write: at least one, and then as many as fit into `writeBytes`. */
  take(): Payload[] {
    let count = 0;
    let bytes = 0;
    for (const { text } of this.#waiting) {
      if (count > 0 && bytes + text.length > writeBytes) break;
      count += 1;
      bytes += text.length;
    }
    this.#bytes -= bytes;
    return this.#waiting.splice(0, count);
  }

  keepOnly(isWanted: (payload: Payload) => boolean): void {
    this.#waiting = this.#waiting.filter(isWanted);
    this.#bytes = bytesOf(this.#waiting);
  }

  clear(): void {
    this.#waiting = [];
    this.#bytes = 0;
  }
}

/** The size of some payloads together. */
export function bytesOf(payloads: readonly Payload[]): number {
  let bytes = 0;
  for (const { text } of payloads) bytes += text.length;
  return bytes;
}
