import type { SocketWriter } from '../src/live/socketWriter.ts';

/** A socket that takes all frames until a test says that it is full. */
export class FakeSocketWriter implements SocketWriter {
  ready = true;
  readonly messages: { id: string; payload: { data: { seq: number } } }[] = [];
  /** The sizes of the writes. */
  readonly writes: number[] = [];
  /** The bytes that are held back. */
  heldBytes = 0;
  release: (() => void) | undefined;
  #waiting: (() => void)[] = [];

  get places(): number[] {
    return this.messages.map(({ payload }) => payload.data.seq);
  }

  write(frames: Buffer): boolean {
    this.writes.push(frames.length);
    for (let rest = frames; rest.length > 0; ) {
      const short = (rest[1] ?? 0) < 126;
      const length = short ? (rest[1] ?? 0) : rest.readUInt16BE(2);
      const begin = short ? 2 : 4;
      this.messages.push(JSON.parse(String(rest.subarray(begin, begin + length))));
      rest = rest.subarray(begin + length);
    }
    return true;
  }

  onDrain(resume: () => void): void {
    this.#waiting.push(resume);
  }

  drain(): void {
    this.ready = true;
    for (const resume of this.#waiting.splice(0)) resume();
  }

  hold(bytes: number): void {
    this.heldBytes += bytes;
  }

  onceGone(_id: string, release: () => void): () => void {
    this.release = release;
    return () => {
      this.release = undefined;
    };
  }
}
