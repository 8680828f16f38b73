import type { Payload } from './payload.ts';
import type { SocketWriter } from './socketWriter.ts';

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
  readonly #writer: Pick<SocketWriter, 'hold'>;
  #waiting: Payload[] = [];
  #bytes = 0;

  /** @param writer counts the bytes that wait for the socket */
  constructor(limits: BacklogLimits, writer: Pick<SocketWriter, 'hold'>) {
    this.#limits = limits;
    this.#writer = writer;
  }

  get empty(): boolean {
    return this.#waiting.length === 0;
  }

  get tooLarge(): boolean {
    return this.#waiting.length > this.#limits.bufferEvents || this.#bytes > this.#limits.bufferBytes;
  }

  add(payloads: readonly Payload[]): void {
    for (const payload of payloads) this.#waiting.push(payload);
    this.#count(bytesOf(payloads));
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
    this.#count(-bytes);
    return this.#waiting.splice(0, count);
  }

  keepOnly(isWanted: (payload: Payload) => boolean): void {
    this.#waiting = this.#waiting.filter(isWanted);
    this.#count(bytesOf(this.#waiting) - this.#bytes);
  }

  clear(): void {
    this.#waiting = [];
    this.#count(-this.#bytes);
  }

  #count(bytes: number): void {
    if (bytes === 0) return;
    this.#bytes += bytes;
    this.#writer.hold(bytes);
  }
}

/** The size of some payloads together. */
export function bytesOf(payloads: readonly Payload[]): number {
  let bytes = 0;
  for (const { text } of payloads) bytes += text.length;
  return bytes;
}
